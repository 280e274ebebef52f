import { useEffect } from "preact/hooks";
import { call } from "../../api/call";
import { toFault } from "../../api/fault";
import { navigate } from "../../app/router";
import { Top } from "../../app/Shell";
import { useLive } from "../../app/use_live";
import { sentenceFor, useI18n } from "../../i18n";
import { readCovers } from "../../store/covers";
import { forgetTask, readTasks } from "../../store/tasks";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { toast } from "../../ui/toast";
import { thumbnailOf } from "../make/draft";
import css from "./task.module.css";

/** A cover in the making; it turns into the cover. What is shown is what is
    kept: the task is followed behind the pages. */
export function TaskPage({ id }: { id: string }) {
  const i18n = useI18n();
  const { t } = i18n;
  const known = useLive(
    ["tasks", "covers"],
    async () => ({
      task: (await readTasks()).find(({ taskId }) => taskId === id),
      cover: (await readCovers()).find(({ taskId }) => taskId === id),
    }),
    id,
  );
  useEffect(() => {
    document.title = `${t.task.title} · Covergen`;
  }, [t]);
  useEffect(() => {
    if (!known) return;
    if (known.cover) {
      toast(t.cover.fresh);
      navigate(`/library/${known.cover.id}`, { replace: true });
    } else if (!known.task) navigate("/library", { replace: true });
  }, [known, t]);

  const cancel = () =>
    call("POST /m/v1/covers/tasks/{taskId}/cancel", { path: { taskId: id }, body: {} }).catch((error: unknown) =>
      toast(sentenceFor(toFault(error), i18n)),
    );

  if (!known?.task) return <main />;
  const { status, progressPercent: percent, stage, title, templateId, ratio, reason = "", detail = "" } = known.task;
  const isFailed = status === "FAILED" || status === "CANCELLED";
  return (
    <main>
      <Top title={isFailed ? (status === "FAILED" ? t.task.failed : t.task.cancelled) : t.task.title} />
      <div class={css.mat}>
        <div class={css.sheet} style={{ "--ratio": ratio, "--done": `${isFailed ? 0 : percent}%` }}>
          {templateId && <img src={thumbnailOf(templateId)} alt="" />}
        </div>
      </div>
      <p class={css.title}>{title}</p>
      {isFailed ? (
        <div class={css.below}>
          {status === "FAILED" && (
            <Notice>{sentenceFor({ code: "", message: detail, reason }, i18n)}</Notice>
          )}
          <Button
            onClick={() => {
              void forgetTask(id);
              navigate("/", { replace: true });
            }}
          >
            {t.task.again}
          </Button>
        </div>
      ) : (
        <div class={css.below}>
          <div class={css.line}>
            <span data-testid="stage" role="status">
              {t.task.stages[stage] ?? t.task.waiting}
            </span>
            <span>{percent} %</span>
          </div>
          <div class={css.meter} role="progressbar" aria-label={t.task.title} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}>
            <div style={{ width: `${percent}%` }} />
          </div>
          <p class={css.hint}>{t.task.leave}</p>
          <Button kind="quiet" onClick={() => void cancel()}>
            {t.task.cancel}
          </Button>
        </div>
      )}
    </main>
  );
}
