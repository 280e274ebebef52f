import { useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { ProgressBar } from "../../ui/ProgressBar";
import styles from "./Progress.module.css";
import { stageText } from "./stages";
import type { Run } from "./use_run";

/** How far a generation has come, and the way out of it. */
export function Progress({ run, onCancel }: { run: Run; onCancel: (taskId: string) => void }) {
  const { t } = useI18n();
  const { task, isCancelling, isLost } = run;
  const percent = task?.progressPercent ?? 0;
  const stage = isLost ? t.run.reconnecting : stageText(task, t.run.stages);
  return (
    <div className={styles.progress}>
      <div className={styles.head}>
        <div>
          <h2>{t.run.title}</h2>
          <p className={styles.stage} role="status" data-testid="stage" data-stage={task?.stage}>
            {stage}
          </p>
        </div>
        <span className={styles.percent} aria-hidden="true">
          {percent} %
        </span>
      </div>
      <ProgressBar percent={percent} label={t.run.progress} text={stage} />
      <Button
        kind="quiet"
        size="small"
        icon="close"
        busy={isCancelling}
        disabled={!task}
        onClick={() => task && onCancel(task.taskId)}
      >
        {isCancelling ? t.run.cancelling : t.run.cancel}
      </Button>
    </div>
  );
}
