import { ARCHIVE_MAX_BYTES } from "../../api/archive";
import { Fault } from "../../api/fault";
import type { Upload, UploadEntry } from "../../gen/covergen/media/v1/media_pb";
import { sentenceFor, useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { FaultNotice } from "../../ui/FaultNotice";
import { Notice } from "../../ui/Notice";
import { ProgressBar } from "../../ui/ProgressBar";
import { photosTexts } from "./texts";
import type { ArchiveState } from "./use_archive";

/** How far an archive is, and what came of the files in it. */
export function Archive({ state }: { state: ArchiveState }) {
  const { t, format } = useI18n();
  const texts = useTexts(photosTexts);
  switch (state.phase) {
    case "idle":
      return null;
    case "sending":
      return <ProgressBar percent={state.percent} label={t.upload.progress} />;
    case "working":
      return <ProgressBar percent={state.percent} label={texts.archiveWorking} />;
    case "large":
      return <Notice tone="danger">{texts.archiveLarge(format.bytes(ARCHIVE_MAX_BYTES))}</Notice>;
    case "failed":
      return <FaultNotice error={state.error} title={texts.archiveFailed} />;
    case "done":
      return <Outcome upload={state.upload} />;
  }
}

function Outcome({ upload }: { upload: Upload }) {
  const { t, language } = useI18n();
  const texts = useTexts(photosTexts);
  const left = upload.archive?.results.filter(({ error }) => error) ?? [];
  const why = ({ error }: UploadEntry) =>
    sentenceFor(new Fault({ code: "INVALID_ARGUMENT", message: error?.message ?? "", reason: error?.reason }), { t, language });
  return (
    <Notice tone={left.length ? "warn" : "info"} title={texts.archiveDone(upload.archive?.succeeded ?? 0)}>
      {left.length > 0 && (
        <ul data-testid="left-out">
          {left.map((entry) => (
            <li key={entry.position}>
              {entry.name}: {why(entry)}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
