// Follows every task that is under way, whichever page is shown.
import type { CoverTask } from "../gen/api";
import { changed, onChange } from "../store/changes";
import { personSignedIn } from "../store/session";
import { forgetTask, type KeptTask, noteProgress, readTasks } from "../store/tasks";
import { isOver, watchTask } from "../sync/watch";
import { fetchLibrary } from "./background";

/** Streams open at once; browsers allow few connections to one server. */
const MAX_WATCHED = 3;

const watched = new Map<string, AbortController>();

/** Watches what is under way now, and whatever comes to be. */
export function watchOpenTasks(): void {
  const look = () => void compare();
  onChange("tasks", look);
  onChange("session", look);
  look();
}

async function compare(): Promise<void> {
  const tasks = (await personSignedIn()) ? await readTasks() : [];
  const chosen = new Set(choose(tasks.filter((task) => !isOver(task))));
  for (const [taskId, abort] of watched) {
    if (chosen.has(taskId)) continue;
    // It may be chosen again before its stream is closed.
    watched.delete(taskId);
    abort.abort();
  }
  for (const taskId of chosen) {
    if (!watched.has(taskId)) watch(taskId);
  }
}

/** Which of these, newest first, are followed: what was asked for on this phone
    stands behind nothing from elsewhere. */
function choose(open: KeptTask[]): string[] {
  const [own, others] = [open.filter(({ key }) => key !== ""), open.filter(({ key }) => key === "")];
  return [...own, ...others].slice(0, MAX_WATCHED).map(({ taskId }) => taskId);
}

/** One tab watches a task for all; another goes on when that one is closed. */
function watch(taskId: string): void {
  const abort = new AbortController();
  watched.set(taskId, abort);
  const work = () =>
    new Promise<void>((resolve) => {
      const stop = watchTask(
        taskId,
        (news) => void follow(news).then(() => isOver(news) && resolve()),
        () => void forgetTask(taskId).then(resolve),
      );
      abort.signal.addEventListener("abort", () => {
        stop();
        resolve();
      });
    });
  const locks: LockManager | undefined = navigator.locks;
  const done = locks ? locks.request(`covergen.task.${taskId}`, { signal: abort.signal }, work) : work();
  const over = () => {
    if (watched.get(taskId) === abort) watched.delete(taskId);
  };
  void done.catch(() => undefined).finally(over);
}

async function follow(news: CoverTask): Promise<void> {
  await noteProgress(news);
  if (news.status !== "SUCCEEDED") return;
  changed("usage");
  // Without a connection the cover comes with the next delta.
  await fetchLibrary().catch(() => undefined);
}
