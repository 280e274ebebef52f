import { useCallback, useEffect, useRef, useState } from "react";
import { exports } from "../../api/clients";
import { Fault, isAborted, toFault } from "../../api/fault";
import { newRequestId } from "../../api/request_id";
import { type Export, Export_Status as Status } from "../../gen/covergen/export/v1/export_pb";

/** What to set the cover in. */
export interface ExportWish {
  preset: string;
  width: number;
  height: number;
  format: string;
  quality: number;
  maxBytes: number;
}

export type ExportState =
  | { phase: "idle" }
  | { phase: "working" }
  | { phase: "failed"; fault: Fault }
  | { phase: "ready"; file: Export };

const FIRST_PAUSE_MS = 120;
const LONGEST_PAUSE_MS = 1_500;
const POLL_LIMIT_MS = 120_000;

/** Prepares an export and asks for its state until it is final. */
export function useExport(coverId: string) {
  const [state, setState] = useState<ExportState>({ phase: "idle" });
  const work = useRef<AbortController>(undefined);

  const reset = useCallback(() => {
    work.current?.abort();
    setState({ phase: "idle" });
  }, []);

  const start = useCallback(
    async (wish: ExportWish) => {
      work.current?.abort();
      const controller = new AbortController();
      work.current = controller;
      setState({ phase: "working" });
      try {
        const file = await exported(coverId, wish, controller.signal);
        if (!controller.signal.aborted) setState({ phase: "ready", file });
      } catch (error) {
        if (controller.signal.aborted || isAborted(error)) return;
        setState({ phase: "failed", fault: toFault(error) });
      }
    },
    [coverId],
  );

  useEffect(() => () => work.current?.abort(), []);
  return { state, start, reset };
}

async function exported(coverId: string, wish: ExportWish, signal: AbortSignal): Promise<Export> {
  const { exportId } = await exports.prepare({ coverId, ...wish, requestId: newRequestId() }, { signal });
  const deadline = performance.now() + POLL_LIMIT_MS;
  let pause = FIRST_PAUSE_MS;
  while (performance.now() < deadline) {
    const file = await exports.getStatus({ exportId }, { signal });
    if (file.status === Status.SUCCEEDED) return file;
    if (file.status === Status.FAILED || file.status === Status.CANCELLED) {
      const { reason, message } = file.error ?? { reason: "", message: "" };
      throw new Fault({ code: "UNKNOWN", reason, message });
    }
    await new Promise((resolve) => window.setTimeout(resolve, pause));
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
  }
  throw new Fault({ code: "DEADLINE_EXCEEDED", message: "" });
}
