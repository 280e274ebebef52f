import { useEffect, useRef } from "react";
import type { Cover } from "../../gen/covergen/cover/v1/cover_pb";
import type { Export } from "../../gen/covergen/export/v1/export_pb";
import { useI18n } from "../../i18n";
import { Button, buttonClass } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { fileName } from "../cover/download";
import styles from "./ExportResult.module.css";

/** The finished file. Its heading takes focus, so that it is read out and
    the download is the next stop. */
export function ExportResult({ cover, file, onAnother }: { cover: Cover; file: Export; onAnother: () => void }) {
  const { t, format } = useI18n();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className={styles.result}>
      <span className={styles.tick}>
        <Icon name="check" size={28} />
      </span>
      <h3 ref={heading} tabIndex={-1} className={styles.title}>
        {t.export.ready}
      </h3>
      <p className={styles.about}>
        {t.common.px(file.width, file.height)} · {file.format.toUpperCase()} · {format.bytes(file.bytes)}
      </p>
      <a
        className={buttonClass({ kind: "primary", size: "large", wide: true })}
        href={file.downloadUrl}
        download={fileName(cover.title, file)}
        data-testid="export-download"
      >
        <Icon name="download" />
        {t.export.download}
      </a>
      <Button wide onClick={onAnother}>
        {t.export.another}
      </Button>
    </div>
  );
}
