import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { ARCHIVE_MAX_BYTES, type ArchiveProgress, uploadArchive } from "../../api/archive";
import { isAborted } from "../../api/fault";
import { uploadsQuery } from "../../api/queries";
import type { Upload } from "../../gen/covergen/media/v1/media_pb";

export type ArchiveState =
  | { phase: "idle" }
  | ArchiveProgress
  | { phase: "large" }
  | { phase: "failed"; error: unknown }
  | { phase: "done"; upload: Upload };

/** Sends an archive of pictures and follows what becomes of it. */
export function useArchive() {
  const client = useQueryClient();
  const [state, setState] = useState<ArchiveState>({ phase: "idle" });
  const work = useRef<AbortController>(undefined);
  useEffect(() => () => work.current?.abort(), []);

  const take = useCallback(
    async (file: File) => {
      work.current?.abort();
      if (file.size > ARCHIVE_MAX_BYTES) return setState({ phase: "large" });
      const controller = new AbortController();
      work.current = controller;
      setState({ phase: "sending", percent: 0 });
      try {
        const upload = await uploadArchive(file, setState, controller.signal);
        setState({ phase: "done", upload });
      } catch (error) {
        if (controller.signal.aborted || isAborted(error)) return;
        setState({ phase: "failed", error });
      }
      void client.invalidateQueries({ queryKey: uploadsQuery.queryKey });
    },
    [client],
  );
  return { state, take };
}
