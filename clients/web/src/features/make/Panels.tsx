import type { UseQueryResult } from "@tanstack/react-query";
import type { Preset } from "../../gen/covergen/export/v1/export_pb";
import type { Template } from "../../gen/covergen/template/v1/template_pb";
import { useI18n } from "../../i18n";
import { Tabs } from "../../ui/Tabs";
import { BrandKitPicker } from "./BrandKitPicker";
import { ColorSources } from "./ColorSources";
import type { Draft } from "./draft";
import type { DraftErrors } from "./draft_errors";
import { OutputPicker } from "./OutputPicker";
import { PalettePicker } from "./PalettePicker";
import { PhotoPanel } from "./PhotoPanel";
import { SizePicker } from "./SizePicker";
import { TemplatePicker } from "./TemplatePicker";
import { TypefacePicker } from "./TypefacePicker";

export type Tool = "template" | "style" | "photo" | "output";

interface Props {
  tool: Tool;
  onTool: (tool: Tool) => void;
  draft: Draft;
  errors: DraftErrors;
  gallery: UseQueryResult<Template[]>;
  template: Template | undefined;
  presets: Preset[];
}

/** Everything about a cover but its words, one kind at a time. */
export function Panels({ tool, onTool, draft, errors, gallery, template, presets }: Props) {
  const { t } = useI18n();
  return (
    <Tabs<Tool>
      label={t.make.tools}
      value={tool}
      onChange={onTool}
      tabs={[
        { value: "template", label: t.make.template },
        { value: "style", label: t.make.style, mark: draft.colors.length > 0 || draft.font !== "" || draft.brandKitId !== "" },
        { value: "photo", label: t.make.photo, mark: draft.photo !== null },
        { value: "output", label: t.make.sizes },
      ]}
    >
      {tool === "template" && <TemplatePicker gallery={gallery} chosen={draft.templateId} />}
      {tool === "style" && template && (
        <>
          <PalettePicker template={template} chosen={draft.paletteId} hasOwn={draft.colors.length > 0 || (draft.brandKitId !== "" && draft.paletteId === "")} />
          <ColorSources draft={draft} onPhoto={() => onTool("photo")} />
          <TypefacePicker draft={draft} template={template} />
          <BrandKitPicker chosen={draft.brandKitId} />
        </>
      )}
      {tool === "photo" && <PhotoPanel draft={draft} />}
      {tool === "output" && (
        <>
          <SizePicker presets={presets} chosen={draft.sizes} shown={draft.shown} error={errors.sizes} />
          <OutputPicker draft={draft} error={errors.formats} />
        </>
      )}
    </Tabs>
  );
}
