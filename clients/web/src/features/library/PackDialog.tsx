import { useEffect, useRef } from "react";
import type { Cover } from "../../gen/covergen/cover/v1/cover_pb";
import { Export_Status as Status, type Export } from "../../gen/covergen/export/v1/export_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button, buttonClass } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import styles from "./ExportResult.module.css";
import { PackForm } from "./PackForm";
import { libraryTexts } from "./texts";
import { useExport } from "./use_export";

interface Props {
  covers: readonly Cover[];
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Covers in many sizes and formats, as one ZIP. */
export function PackDialog({ covers, open, onOpenChange }: Props) {
  const texts = useTexts(libraryTexts).pack;
  const { state, startPack, reset } = useExport();
  return (
    <Dialog
      open={open}
      onOpenChange={(isOpen) => {
        if (!isOpen) reset();
        onOpenChange(isOpen);
      }}
      title={texts.title}
      description={texts.lead}
    >
      {state.phase === "ready" ? (
        <Ready file={state.file} onAnother={reset} />
      ) : (
        <PackForm covers={covers} state={state} onStart={(items, name) => void startPack(items, name)} />
      )}
    </Dialog>
  );
}

function Ready({ file, onAnother }: { file: Export; onAnother: () => void }) {
  const { format } = useI18n();
  const texts = useTexts(libraryTexts).pack;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const failed = file.files.filter(({ status }) => status === Status.FAILED);
  return (
    <div className={styles.result}>
      <span className={styles.tick}>
        <Icon name="check" size={28} />
      </span>
      <h3 ref={heading} tabIndex={-1} className={styles.title}>
        {texts.ready}
      </h3>
      <p className={styles.about}>
        {texts.count(file.files.length - failed.length)} · {format.bytes(Number(file.totalBytes))}
      </p>
      {failed.length > 0 && (
        <Notice tone="warn" title={texts.missing(failed.length)}>
          {failed.map(({ name, error }) => `${name}: ${error?.message ?? ""}`).join("; ")}
        </Notice>
      )}
      <a
        className={buttonClass({ kind: "primary", size: "large", wide: true })}
        href={file.downloadUrl}
        download={file.fileName}
        data-testid="pack-download"
      >
        <Icon name="zip" />
        {texts.download}
      </a>
      <Button wide onClick={onAnother}>
        {texts.another}
      </Button>
    </div>
  );
}
