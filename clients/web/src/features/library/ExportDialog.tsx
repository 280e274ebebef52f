import { useState } from "react";
import type { Cover } from "../../gen/covergen/cover/v1/cover_pb";
import { useI18n } from "../../i18n";
import { Dialog } from "../../ui/Dialog";
import { ExportForm } from "./ExportForm";
import { ExportResult } from "./ExportResult";
import { useExport } from "./use_export";

interface Props {
  cover: Cover;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Has a cover set anew in another size and format. */
export function ExportDialog({ cover, open, onOpenChange }: Props) {
  const { t } = useI18n();
  const { state, startFile, reset } = useExport();
  // The form keeps its choices while a file is in the making and after.
  const [formKey] = useState(cover.id);
  return (
    <Dialog
      open={open}
      onOpenChange={(isOpen) => {
        if (!isOpen) reset();
        onOpenChange(isOpen);
      }}
      title={t.export.title}
      description={t.export.lead}
    >
      {state.phase === "ready" ? (
        <ExportResult cover={cover} file={state.file} onAnother={reset} />
      ) : (
        <ExportForm key={formKey} cover={cover} state={state} onStart={(wish) => void startFile(cover.id, wish)} />
      )}
    </Dialog>
  );
}
