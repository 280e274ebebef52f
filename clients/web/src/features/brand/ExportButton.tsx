import { useMutation } from "@tanstack/react-query";
import { templates } from "../../api/clients";
import type { Template } from "../../gen/covergen/template/v1/template_pb";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { saveBlob, stemOf } from "../cover/download";
import { brandTexts } from "./texts";

/** Downloads a template as a file that can be imported elsewhere. */
export function ExportButton({ template }: { template: Template }) {
  const texts = useTexts(brandTexts);
  const save = useMutation({
    mutationFn: () => templates.exportCustomTemplate({ templateId: template.id }),
    onSuccess: ({ data, contentType }) => {
      saveBlob(new Blob([new Uint8Array(data)], { type: contentType }), `${stemOf(template.name, "template")}.covergen.json`);
    },
  });
  return (
    <>
      <Button size="small" icon="download" aria-label={texts.exportNamed(template.name)} title={texts.exportIt} busy={save.isPending} onClick={() => save.mutate()} />
      <FaultNotice error={save.error} />
    </>
  );
}
