import type { CallOptions } from "@connectrpc/connect";
import { covers } from "../../api/clients";
import { csrfToken } from "../../api/cookies";
import { isAborted, toFault } from "../../api/fault";
import { renewSession } from "../../api/renewal";
import { type CoverTask, CoverTask_Status as Status } from "../../gen/covergen/cover/v1/cover_pb";

/** A stream is reopened at the latest after this long. */
const STREAM_MS = 10 * 60_000;
const MOST_FAILURES = 8;
const LONGEST_PAUSE_MS = 5_000;

/** Whether nothing more will happen to a task. */
export function isOver(task: CoverTask): boolean {
  return [Status.SUCCEEDED, Status.FAILED, Status.CANCELLED].includes(task.status);
}

/** Tells a task's states as they come, until one is final. */
export function watchTask(taskId: string, signal: AbortSignal, onLost: (isLost: boolean) => void): AsyncGenerator<CoverTask> {
  const open = (afterVersion: bigint, options: CallOptions) => covers.watchTask({ taskId, afterVersion }, options);
  return watch(open, isOver, signal, onLost);
}

/**
 * Tells the states of something as they come, over a server stream, until one
 * is final. A lost stream is reopened where it broke off.
 *
 * @param onLost called with true when the connection is lost, and with false
 *   when it is back.
 * @throws Fault when it cannot be had.
 */
export async function* watch<T extends { version: bigint }>(
  open: (afterVersion: bigint, options: CallOptions) => AsyncIterable<T>,
  isFinal: (state: T) => boolean,
  signal: AbortSignal,
  onLost: (isLost: boolean) => void,
): AsyncGenerator<T> {
  let version = 0n;
  let failures = 0;
  while (!signal.aborted) {
    try {
      for await (const state of open(version, { signal, timeoutMs: STREAM_MS })) {
        if (failures > 0) onLost(false);
        failures = 0;
        version = state.version;
        yield state;
        if (isFinal(state)) return;
      }
      // Streams also end when a server restarts; the work goes on.
    } catch (error) {
      if (signal.aborted || isAborted(error)) return;
      const fault = toFault(error);
      const isRefused = fault.code === "UNAUTHENTICATED" && !(await renewSession(csrfToken()));
      const mayPass = fault.isTransient || ["UNAUTHENTICATED", "RESOURCE_EXHAUSTED", "INTERNAL", "UNKNOWN"].includes(fault.code);
      if (isRefused || !mayPass || failures >= MOST_FAILURES) throw fault;
    }
    failures += 1;
    if (failures > 1) onLost(true);
    await pause(Math.min(250 * 2 ** failures, LONGEST_PAUSE_MS), signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      window.clearTimeout(timer);
      resolve();
    });
  });
}
