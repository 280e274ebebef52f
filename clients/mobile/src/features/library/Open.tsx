import { useOnline } from "../../app/online";
import { Link } from "../../app/router";
import { useLive } from "../../app/use_live";
import { sentenceFor, useI18n } from "../../i18n";
import { readWishes, withdrawWish, type Wish } from "../../store/outbox";
import { forgetTask, type KeptTask, readTasks } from "../../store/tasks";
import { IconButton } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import css from "./library.module.css";

/** What is not a cover yet: wishes that wait, and tasks under way. */
export function Open() {
  const { t } = useI18n();
  const wishes = useLive(["outbox"], readWishes) ?? [];
  const tasks = useLive(["tasks"], readTasks) ?? [];
  if (wishes.length + tasks.length === 0) return null;
  return (
    <section class={css.open}>
      <h2 class="hidden">{t.library.open}</h2>
      <ul data-testid="open">
        {wishes.map((wish) => (
          <WishRow key={wish.key} wish={wish} />
        ))}
        {tasks.map((task) => (
          <TaskRow key={task.taskId} task={task} />
        ))}
      </ul>
    </section>
  );
}

function WishRow({ wish }: { wish: Wish }) {
  const i18n = useI18n();
  const { t } = i18n;
  const isOnline = useOnline();
  const { refusal, request, ratio, key } = wish;
  const state = refusal
    ? sentenceFor({ code: "", message: refusal.detail, reason: refusal.reason }, i18n)
    : isOnline
      ? t.library.sendingNow
      : t.library.waiting;
  return (
    <li class={css.row} data-state={refusal ? "refused" : "waiting"}>
      <Glyph ratio={ratio} />
      <span class={css.words}>
        <strong>{request.title}</strong>
        <span class={refusal ? css.bad : ""}>
          <Icon name={refusal ? "warning" : "clock"} size={14} />
          {state}
        </span>
      </span>
      <IconButton
        icon="close"
        size={18}
        label={refusal ? t.library.dismiss(request.title) : t.library.withdraw(request.title)}
        onClick={() => void withdrawWish(key)}
      />
    </li>
  );
}

function TaskRow({ task }: { task: KeptTask }) {
  const { t } = useI18n();
  const isOver = task.status === "FAILED" || task.status === "CANCELLED";
  return (
    <li class={css.row} data-state={isOver ? "failed" : "working"}>
      <Glyph ratio={task.ratio} />
      <Link to={`/task/${task.taskId}`} class={css.words}>
        <strong>{task.title}</strong>
        <span class={isOver ? css.bad : ""}>
          <Icon name={isOver ? "warning" : "refresh"} size={14} />
          {isOver ? t.library.failed : t.library.working(task.progressPercent)}
        </span>
      </Link>
      {isOver && <IconButton icon="close" size={18} label={t.library.dismiss(task.title)} onClick={() => void forgetTask(task.taskId)} />}
    </li>
  );
}

function Glyph({ ratio }: { ratio: number }) {
  return (
    <span class={css.glyph} aria-hidden="true">
      <i style={{ "--ratio": ratio }} />
    </span>
  );
}
