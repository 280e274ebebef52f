import { fromJson } from "@bufbuild/protobuf";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { templates } from "../../api/clients";
import { myTemplatesQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import { ImportCustomTemplateRequestSchema } from "../../gen/covergen/template/v1/template_pb";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { Notice } from "../../ui/Notice";
import { toast } from "../../ui/toast";
import { brandTexts } from "./texts";

/** A template's file is a few hundred bytes; what is much larger is none. */
const MAX_BYTES = 256 * 1024;

/** Makes a template from a file that was exported, here or elsewhere. */
export function useImport() {
  const texts = useTexts(brandTexts);
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (file: File) => {
      const request = await read(file).catch((cause: unknown) => {
        throw new UnreadableFile("", { cause });
      });
      return templates.importCustomTemplate({ ...request, requestId: newRequestId() });
    },
    onSuccess: ({ name }) => {
      toast({ text: texts.imported(name) });
      return client.invalidateQueries({ queryKey: myTemplatesQuery.queryKey });
    },
  });
}

/** What was chosen is no template's file. */
class UnreadableFile extends Error {}

async function read(file: File) {
  if (file.size > MAX_BYTES) throw new RangeError("too large");
  return fromJson(ImportCustomTemplateRequestSchema, JSON.parse(await file.text()), { ignoreUnknownFields: true });
}

/** Chooses the file. */
export function ImportButton({ work, disabled }: { work: ReturnType<typeof useImport>; disabled: boolean }) {
  const texts = useTexts(brandTexts);
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button icon="upload" disabled={disabled} busy={work.isPending} onClick={() => input.current?.click()}>
        {texts.importOpen}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept="application/json,.json"
        data-testid="import-file"
        onChange={({ target }) => {
          const file = target.files?.[0];
          if (file) work.mutate(file);
          // The same file may be chosen again.
          target.value = "";
        }}
      />
    </>
  );
}

/** Why it did not work. */
export function ImportFault({ work }: { work: ReturnType<typeof useImport> }) {
  const texts = useTexts(brandTexts);
  if (!(work.error instanceof UnreadableFile)) return <FaultNotice error={work.error} title={texts.importFailed} />;
  return (
    <Notice tone="danger" title={texts.importFailed}>
      {texts.importBad}
    </Notice>
  );
}
