import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { templates } from "../../api/clients";
import { myTemplatesQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import type { DesignOptions, Template } from "../../gen/covergen/template/v1/template_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { Check } from "../../ui/Check";
import { ColorList } from "../../ui/ColorList";
import { FaultNotice } from "../../ui/FaultNotice";
import { TextField } from "../../ui/Field";
import { Segmented } from "../../ui/Segmented";
import { Select } from "../../ui/Select";
import { toast } from "../../ui/toast";
import styles from "./brand.module.css";
import { type Design, designOf, messageOf } from "./design";
import { DesignPreview } from "./DesignPreview";
import { brandTexts } from "./texts";

interface Props {
  template: Template | undefined;
  gallery: Template[];
  options: DesignOptions;
}

/** The settings of a custom template, beside the picture they make. */
export function TemplateEditor({ template, gallery, options }: Props) {
  const { t } = useI18n();
  const texts = useTexts(brandTexts);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [name, setName] = useState(template?.name ?? "");
  const [description, setDescription] = useState(template?.description ?? "");
  const [design, setDesign] = useState(() => designOf(template?.design, gallery));
  const [sample, setSample] = useState("");
  const [isMissing, setMissing] = useState(false);
  const change = (part: Partial<Design>) => setDesign((before) => ({ ...before, ...part }));

  const save = useMutation({
    mutationFn: () => {
      const draft = { name: name.trim(), description: description.trim(), design: messageOf(design) };
      const requestId = newRequestId();
      if (!template) return templates.createCustomTemplate({ template: draft, requestId });
      const updateMask = { paths: ["name", "description", "design"] };
      return templates.updateCustomTemplate({ templateId: template.id, template: draft, updateMask, etag: template.etag, requestId });
    },
    onSuccess: () => {
      toast({ text: texts.saved });
      navigate("/brand");
      void client.invalidateQueries({ queryKey: ["my-template"] });
      return client.invalidateQueries({ queryKey: myTemplatesQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(name.trim() === "");
    if (name.trim() && !save.isPending) save.mutate();
  };

  return (
    <form className={styles.editor} onSubmit={submit} noValidate>
      <div className={styles.settings}>
        <h1>{template ? texts.templateEdit(template.name) : texts.templateNew}</h1>
        <FaultNotice error={save.error} />
        <TextField
          label={texts.name}
          value={name}
          maxLength={80}
          error={isMissing ? texts.nameMissing : undefined}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField label={texts.description} aside={t.make.optional} value={description} maxLength={200} onChange={(event) => setDescription(event.target.value)} />
        <Select label={texts.base} value={design.base} onChange={(event) => change({ base: event.target.value })}>
          {gallery
            .filter(({ isCustom }) => !isCustom)
            .map((each) => (
              <option key={each.id} value={each.id}>
                {t.names.templates[each.id] ?? each.name}
              </option>
            ))}
        </Select>
        <Select label={texts.background} value={design.background} onChange={(event) => change({ background: event.target.value })}>
          <option value="">{texts.ofBase}</option>
          {options.backgrounds.map((choice) => (
            <option key={choice.id} value={choice.id}>
              {t.names.templates[choice.id] ?? choice.name}
            </option>
          ))}
        </Select>
        <Colors design={design} onChange={change} />
        <Select label={texts.font} value={design.font} onChange={(event) => change({ font: event.target.value })}>
          <option value="">{texts.ofBase}</option>
          {options.fonts.map((choice) => (
            <option key={choice.id} value={choice.id}>
              {choice.name}
            </option>
          ))}
        </Select>
        <OneOf label={texts.letterCase} names={texts.letterCases} choices={options.letterCases} value={design.letterCase} onChange={(letterCase) => change({ letterCase })} />
        <OneOf label={texts.align} names={texts.aligns} choices={options.aligns} value={design.align} onChange={(align) => change({ align })} />
        <OneOf label={texts.photos} names={texts.treatments} choices={options.photoTreatments} value={design.treatment} onChange={(treatment) => change({ treatment })} />
        <TextField label={texts.kicker} aside={t.make.optional} value={design.kicker} maxLength={40} onChange={(event) => change({ kicker: event.target.value })} />
        <Button type="submit" kind="primary" size="large" wide busy={save.isPending}>
          {save.isPending ? t.common.saving : texts.save}
        </Button>
      </div>
      <div className={styles.stage}>
        <DesignPreview design={design} title={sample.trim() || texts.sampleTitleText} />
        <TextField label={texts.sampleTitle} value={sample} maxLength={120} placeholder={texts.sampleTitleText} onChange={(event) => setSample(event.target.value)} />
      </div>
    </form>
  );
}

const FIRST_COLORS = ["#10231f", "#f4f1e8", "#2f9e7f"];

function Colors({ design, onChange }: { design: Design; onChange: (part: Partial<Design>) => void }) {
  const texts = useTexts(brandTexts);
  return (
    <div>
      <Check
        label={texts.ownColors}
        checked={design.colors.length > 0}
        onChange={(event) => onChange({ colors: event.target.checked ? FIRST_COLORS : [] })}
      />
      {design.colors.length > 0 && <ColorList colors={design.colors} onChange={(colors) => onChange({ colors })} />}
    </div>
  );
}

interface OneOfProps {
  label: string;
  names: Record<string, string>;
  choices: { id: string; name: string }[];
  value: string;
  onChange: (value: string) => void;
}

/** One of the server's choices, or as the layout has it. */
function OneOf({ label, names, choices, value, onChange }: OneOfProps) {
  const texts = useTexts(brandTexts);
  return (
    <Segmented
      label={label}
      value={value}
      onChange={onChange}
      options={[{ value: "", label: texts.ofBase }, ...choices.map(({ id, name }) => ({ value: id, label: names[id] ?? name }))]}
    />
  );
}
