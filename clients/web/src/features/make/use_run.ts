import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { covers } from "../../api/clients";
import { type Fault, toFault } from "../../api/fault";
import { COVERS_KEY, quotaQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import type { CoverTask } from "../../gen/covergen/cover/v1/cover_pb";
import { requestOf } from "./design";
import type { Draft } from "./draft";
import { recallTask, rememberTask } from "./last_task";
import { isOver, watchTask } from "./watch";

/** One generation, from the wish to its end. */
export interface Run {
  /** Whether something is under way. */
  isRunning: boolean;
  isCancelling: boolean;
  isLost: boolean;
  task: CoverTask | undefined;
  fault: Fault | undefined;
}

/** Nothing under way and nothing to show. */
export const IDLE: Run = { isRunning: false, isCancelling: false, isLost: false, task: undefined, fault: undefined };
const START_TRIES = 3;

/** Starts, follows and cancels generations. One that was under way before a
    reload is found again. */
export function useRun() {
  const client = useQueryClient();
  const [run, setRun] = useState(IDLE);
  const watching = useRef<AbortController>(undefined);

  const follow = useCallback(
    async (taskId: string) => {
      const controller = new AbortController();
      watching.current?.abort();
      watching.current = controller;
      rememberTask(taskId);
      try {
        const onLost = (isLost: boolean) => setRun((before) => ({ ...before, isLost }));
        for await (const task of watchTask(taskId, controller.signal, onLost)) {
          setRun((before) => ({ ...before, task, isRunning: !isOver(task), isLost: false }));
        }
      } catch (error) {
        setRun({ ...IDLE, fault: toFault(error) });
      }
      if (controller.signal.aborted) return;
      rememberTask(null);
      void client.invalidateQueries({ queryKey: quotaQuery.queryKey });
      void client.invalidateQueries({ queryKey: COVERS_KEY });
    },
    [client],
  );

  const start = useCallback(
    async (draft: Draft) => {
      setRun({ ...IDLE, isRunning: true });
      try {
        const taskId = await generate(draft);
        void client.invalidateQueries({ queryKey: quotaQuery.queryKey });
        await follow(taskId);
      } catch (error) {
        setRun({ ...IDLE, fault: toFault(error) });
      }
    },
    [client, follow],
  );

  const cancel = useCallback(async (taskId: string) => {
    setRun((before) => ({ ...before, isCancelling: true }));
    try {
      await covers.cancelTask({ taskId, requestId: newRequestId() });
    } catch {
      // The stream goes on telling what becomes of the task.
      setRun((before) => ({ ...before, isCancelling: false }));
    }
  }, []);

  useEffect(() => {
    const taskId = recallTask();
    if (taskId) {
      setRun({ ...IDLE, isRunning: true });
      void follow(taskId);
    }
    return () => watching.current?.abort();
  }, [follow]);

  return { run, start, cancel, dismiss: () => setRun(IDLE) };
}

/** Asks for covers. The request id lets a lost answer be asked for again
    without making, or paying for, anything twice. */
async function generate(draft: Draft): Promise<string> {
  const requestId = newRequestId();
  const request = {
    ...requestOf(draft),
    variants: draft.variants,
    sizes: draft.sizes.map((preset) => ({ preset })),
    formats: draft.formats,
    requestId,
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await covers.generate(request)).taskId;
    } catch (error) {
      if (!toFault(error).isTransient || attempt >= START_TRIES) throw error;
      await new Promise((resolve) => window.setTimeout(resolve, 300 * attempt));
    }
  }
}
