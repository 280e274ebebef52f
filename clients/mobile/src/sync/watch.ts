import { call } from "../api/call";
import { toFault } from "../api/fault";
import type { CoverTask } from "../gen/api";

const TERMINAL = new Set(["SUCCEEDED", "FAILED", "CANCELLED"]);
const RETRY_MS = 1_500;

export function isOver({ status }: Pick<CoverTask, "status">): boolean {
  return TERMINAL.has(status);
}

/**
 * Follows a task to its end by server-sent events. Phones end connections as
 * they like: whenever that happens the task is asked for by an ordinary call,
 * which also renews the session, and the stream is opened again.
 *
 * @returns how to stop.
 */
export function watchTask(taskId: string, onNews: (task: CoverTask) => void, onGone: () => void): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;

  const hear = (task: CoverTask) => {
    if (isStopped) return;
    onNews(task);
    if (isOver(task)) stop();
  };
  const open = () => {
    source = new EventSource(`/m/v1/covers/tasks/${encodeURIComponent(taskId)}/events`);
    source.onmessage = ({ data }: MessageEvent<string>) => hear(JSON.parse(data) as CoverTask);
    source.onerror = () => {
      source?.close();
      void ask();
    };
  };
  const ask = async () => {
    try {
      hear(await call("GET /m/v1/covers/tasks/{taskId}", { path: { taskId } }));
    } catch (error) {
      if (toFault(error).code === "NOT_FOUND") {
        stop();
        return onGone();
      }
    }
    if (!isStopped) timer = setTimeout(open, RETRY_MS);
  };
  const stop = () => {
    isStopped = true;
    source?.close();
    clearTimeout(timer);
  };
  open();
  return stop;
}
