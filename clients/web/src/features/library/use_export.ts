import { useCallback, useEffect, useRef, useState } from "react";
import { exports } from "../../api/clients";
import { Fault, isAborted, toFault } from "../../api/fault";
import { newRequestId } from "../../api/request_id";
import { type Export, Export_Status as Status } from "../../gen/covergen/export/v1/export_pb";

/** What to set a cover in. */
export interface ExportWish {
  preset: string;
  width: number;
  height: number;
  format: string;
  quality: number;
  maxBytes: number;
}

/** One file of a pack. */
export interface PackItem {
  coverId: string;
  preset: string;
  format: string;
  maxBytes: number;
  fitPreset: boolean;
}

export type ExportState =
  | { phase: "idle" }
  | { phase: "working"; percent: number }
  | { phase: "failed"; fault: Fault }
  | { phase: "ready"; file: Export };

const FIRST_PAUSE_MS = 120;
const LONGEST_PAUSE_MS = 1_500;
/** A pack of hundreds of files takes its time. */
const POLL_LIMIT_MS = 900_000;

type Ask = (signal: AbortSignal) => Promise<string>;

/** Prepares an export and asks for its state until it is final. */
export function useExport() {
  const [state, setState] = useState<ExportState>({ phase: "idle" });
  const work = useRef<AbortController>(undefined);

  const reset = useCallback(() => {
    work.current?.abort();
    setState({ phase: "idle" });
  }, []);

  const run = useCallback(async (ask: Ask) => {
    work.current?.abort();
    const controller = new AbortController();
    work.current = controller;
    setState({ phase: "working", percent: 0 });
    try {
      const exportId = await ask(controller.signal);
      const onProgress = (percent: number) => setState({ phase: "working", percent });
      const file = await finished(exportId, controller.signal, onProgress);
      if (!controller.signal.aborted) setState({ phase: "ready", file });
    } catch (error) {
      if (controller.signal.aborted || isAborted(error)) return;
      setState({ phase: "failed", fault: toFault(error) });
    }
  }, []);

  const startFile = useCallback(
    (coverId: string, wish: ExportWish) =>
      run(async (signal) => (await exports.prepare({ coverId, ...wish, requestId: newRequestId() }, { signal })).exportId),
    [run],
  );

  const startPack = useCallback(
    (items: PackItem[], name: string) =>
      run(async (signal) => (await exports.prepareBatch({ items, name, requestId: newRequestId() }, { signal, timeoutMs: 30_000 })).exportId),
    [run],
  );

  useEffect(() => () => work.current?.abort(), []);
  return { state, startFile, startPack, reset };
}

async function finished(exportId: string, signal: AbortSignal, onProgress: (percent: number) => void): Promise<Export> {
  const deadline = performance.now() + POLL_LIMIT_MS;
  let pause = FIRST_PAUSE_MS;
  while (performance.now() < deadline) {
    const file = await exports.getStatus({ exportId }, { signal });
    if (file.status === Status.SUCCEEDED) return file;
    if (file.status === Status.FAILED || file.status === Status.CANCELLED) {
      const { reason, message } = file.error ?? { reason: "", message: "" };
      throw new Fault({ code: "UNKNOWN", reason, message });
    }
    onProgress(file.progressPercent);
    await new Promise((resolve) => window.setTimeout(resolve, pause));
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
  }
  throw new Fault({ code: "DEADLINE_EXCEEDED", message: "" });
}
