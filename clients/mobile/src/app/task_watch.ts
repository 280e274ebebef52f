// Follows every task that is under way, whichever page is shown.
import type { CoverTask } from "../gen/api";
import { changed, onChange } from "../store/changes";
import { personSignedIn } from "../store/session";
import { forgetTask, noteProgress, readTasks } from "../store/tasks";
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
  const open = tasks.filter((task) => !isOver(task)).reverse();
  for (const { taskId } of open.slice(0, MAX_WATCHED)) {
    if (!watched.has(taskId)) watch(taskId);
  }
  for (const [taskId, abort] of watched) {
    if (!open.some((task) => task.taskId === taskId)) abort.abort();
  }
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
  void done.catch(() => undefined).finally(() => watched.delete(taskId));
}

async function follow({ taskId, status, progressPercent, stage, error }: CoverTask): Promise<void> {
  await noteProgress(taskId, { status, progressPercent, stage, ...(error ? { reason: error.reason, detail: error.message } : {}) });
  if (status !== "SUCCEEDED") return;
  changed("usage");
  // Without a connection the cover comes with the next delta.
  await fetchLibrary().catch(() => undefined);
}
