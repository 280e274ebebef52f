import { Link } from "../../app/router";
import { useLive } from "../../app/use_live";
import { useI18n } from "../../i18n";
import { type KeptTask, readTasks } from "../../store/tasks";
import { isOver } from "../../sync/watch";
import { thumbnailOf } from "./draft";
import css from "./running.module.css";

/** What is being made, on a strip above the form; each leads to its progress. */
export function Running() {
  const { t } = useI18n();
  const tasks = useLive(["tasks"], readTasks)?.filter((task) => !isOver(task)) ?? [];
  if (tasks.length === 0) return null;
  return (
    <section class={css.running} aria-label={t.make.running}>
      <ul data-testid="running">
        {tasks.map((task) => (
          <li key={task.taskId}>
            <Card task={task} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Card({ task }: { task: KeptTask }) {
  const { t } = useI18n();
  const { taskId, title, templateId, ratio, stage, progressPercent: percent } = task;
  return (
    <Link to={`/task/${taskId}`} class={css.card}>
      <span class={css.glyph} style={{ "--ratio": ratio }} aria-hidden="true">
        <i>{templateId && <img src={thumbnailOf(templateId)} alt="" />}</i>
      </span>
      <span class={css.words}>
        <strong>{title}</strong>
        <span>
          <span>{t.task.stages[stage] ?? t.task.waiting}</span>
          <span>{percent} %</span>
        </span>
        {/* The words tell it already. */}
        <span class={css.meter} aria-hidden="true">
          <i style={{ width: `${percent}%` }} />
        </span>
      </span>
    </Link>
  );
}
