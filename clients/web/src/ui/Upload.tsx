import { useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useRef, useState } from "react";
import { isAborted } from "../api/fault";
import { uploadsQuery } from "../api/queries";
import { PICTURE_MAX_BYTES, PICTURE_TYPES, uploadPicture } from "../api/upload";
import type { Asset } from "../gen/covergen/media/v1/media_pb";
import { useI18n } from "../i18n";
import { classes } from "./classes";
import { FaultNotice } from "./FaultNotice";
import { Icon } from "./Icon";
import { Notice } from "./Notice";
import { ProgressBar } from "./ProgressBar";
import styles from "./Upload.module.css";

interface Props {
  label: string;
  hint?: string;
  onUploaded: (asset: Asset) => void;
  /** Files of another kind that may be given as well, and who takes them. */
  other?: { types: string; is: (file: File) => boolean; take: (file: File) => unknown };
}

type State = { phase: "idle" } | { phase: "sending"; percent: number } | { phase: "failed"; error: unknown } | { phase: "large" };

/** Takes a picture by choosing, dropping or pasting, and says how far it is. */
export function Upload({ label, hint, onUploaded, other }: Props) {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const [state, setState] = useState<State>({ phase: "idle" });
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const work = useRef<AbortController>(undefined);

  const take = async (file: File | undefined) => {
    if (!file) return;
    if (other?.is(file)) {
      setState({ phase: "idle" });
      other.take(file);
      // So that the same file can be chosen again.
      if (input.current) input.current.value = "";
      return;
    }
    if (file.size > PICTURE_MAX_BYTES) return setState({ phase: "large" });
    work.current?.abort();
    const controller = new AbortController();
    work.current = controller;
    setState({ phase: "sending", percent: 0 });
    try {
      const onProgress = (percent: number) => setState({ phase: "sending", percent });
      const asset = await uploadPicture(file, { onProgress, signal: controller.signal });
      setState({ phase: "idle" });
      void client.invalidateQueries({ queryKey: uploadsQuery.queryKey });
      onUploaded(asset);
    } catch (error) {
      if (!isAborted(error)) setState({ phase: "failed", error });
    }
    if (input.current) input.current.value = "";
  };

  const over = (event: DragEvent, isInside: boolean) => {
    event.preventDefault();
    setOver(isInside);
  };
  return (
    <div
      className={styles.upload}
      onDragOver={(event) => over(event, true)}
      onDragLeave={(event) => over(event, false)}
      onDrop={(event) => {
        over(event, false);
        void take(event.dataTransfer.files[0]);
      }}
      onPaste={(event) => void take(event.clipboardData.files[0])}
    >
      <label className={classes(styles.zone, isOver && styles.over)}>
        <input
          ref={input}
          type="file"
          className="hidden"
          accept={other ? `${PICTURE_TYPES},${other.types}` : PICTURE_TYPES}
          onChange={(event) => void take(event.target.files?.[0])}
        />
        <Icon name="upload" size={22} />
        <span className={styles.label}>{label}</span>
        {hint && <span className={styles.hint}>{hint}</span>}
      </label>
      {state.phase === "sending" && <ProgressBar percent={state.percent} label={t.upload.progress} />}
      {state.phase === "failed" && <FaultNotice error={state.error} title={t.upload.failed} />}
      {state.phase === "large" && <Notice tone="danger">{t.upload.large(format.bytes(PICTURE_MAX_BYTES))}</Notice>}
    </div>
  );
}
