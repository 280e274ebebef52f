import { lazy, Suspense, useEffect, useRef } from "react";
import { Link } from "wouter";
import { type CoverTask, CoverTask_Status as Status } from "../../gen/covergen/cover/v1/cover_pb";
import { sentenceFor, useI18n } from "../../i18n";
import { Fault } from "../../api/fault";
import { Button, buttonClass } from "../../ui/Button";
import { announce } from "../../ui/live";
import { Notice } from "../../ui/Notice";
import { downloadAll } from "../cover/download";
import { Pictures } from "../cover/Pictures";
import { Progress } from "./Progress";
import styles from "./RunPanel.module.css";
import type { Run } from "./use_run";

// Packing is a page's worth of its own, and few need it at once.
const PackButton = lazy(() => import("../library/PackButton"));

interface Props {
  run: Run;
  onCancel: (taskId: string) => void;
  onDismiss: () => void;
}

/** What becomes of a generation: progress, then covers or a reason. */
export function RunPanel({ run, onCancel, onDismiss }: Props) {
  const { t, language } = useI18n();
  const panel = useRef<HTMLElement>(null);
  const { task, fault, isRunning } = run;
  const isDone = task?.status === Status.SUCCEEDED;
  const isShown = isRunning || task !== undefined || fault !== undefined;

  useEffect(() => {
    // The panel opens below the fold on most screens. On a phone it also
    // stands behind the bars, so it is brought up to the top.
    const isNarrow = window.matchMedia("(max-width: 860px)").matches;
    const behavior = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    if (isShown) panel.current?.scrollIntoView({ block: isNarrow ? "start" : "nearest", behavior });
  }, [isShown, isRunning]);

  useEffect(() => {
    if (isDone) announce(t.run.doneTitle);
  }, [isDone, t]);

  const dismiss = (
    <Button size="small" onClick={onDismiss}>
      {t.run.dismiss}
    </Button>
  );
  if (!isShown) return null;
  return (
    <section ref={panel} className={styles.panel} data-testid="run" data-status={task ? Status[task.status] : undefined}>
      {isRunning && <Progress run={run} onCancel={onCancel} />}
      {fault && (
        <Notice tone="danger" title={t.run.failedTitle} action={dismiss}>
          {sentenceFor(fault, { t, language })}
        </Notice>
      )}
      {task?.status === Status.FAILED && (
        <Notice tone="danger" title={t.run.failedTitle} action={dismiss}>
          <p>{sentenceFor(taskFault(task), { t, language })}</p>
          <p>{t.run.failedNote}</p>
        </Notice>
      )}
      {task?.status === Status.CANCELLED && (
        <Notice tone="info" title={t.run.cancelledTitle} action={dismiss}>
          {t.run.cancelledBody}
        </Notice>
      )}
      {isDone && <Covers task={task} />}
    </section>
  );
}

function taskFault(task: CoverTask): Fault {
  return new Fault({ code: "UNKNOWN", reason: task.error?.reason, message: task.error?.message ?? "" });
}

function Covers({ task }: { task: CoverTask }) {
  const { t } = useI18n();
  const images = task.covers.flatMap((cover) => cover.images);
  const [first] = task.covers;
  return (
    <>
      <div className={styles.head}>
        <div>
          <h2>{t.run.doneTitle}</h2>
          <p className={styles.sum}>{t.run.done(task.covers.length, images.length)}</p>
        </div>
        <div className={styles.actions}>
          {first && (
            <Link href={task.covers.length === 1 ? `/library/${first.id}` : "/library"} className={buttonClass({ kind: "plain" })}>
              {t.run.openLibrary}
            </Link>
          )}
          <Suspense>
            <PackButton covers={task.covers} />
          </Suspense>
          <Button kind="primary" icon="download" onClick={() => void downloadAll(first?.title ?? "", images)}>
            {t.run.downloadAll}
          </Button>
        </div>
      </div>
      {task.covers.map((cover) => (
        <div key={cover.id} className={styles.cover}>
          {task.covers.length > 1 && <h3>{t.run.variant(cover.variant)}</h3>}
          <Pictures cover={cover} />
        </div>
      ))}
    </>
  );
}
