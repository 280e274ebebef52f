import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useDeferredValue, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { covers } from "../../api/clients";
import { toFault } from "../../api/fault";
import { quotaQuery, templatesQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { Check } from "../../ui/Check";
import { FaultNotice } from "../../ui/FaultNotice";
import { TextField } from "../../ui/Field";
import { Select } from "../../ui/Select";
import { usePresets } from "../cover/sizes";
import { FORMATS, type Format } from "../make/draft";
import styles from "./BulkPage.module.css";
import { CsvInput } from "./CsvInput";
import { readSheet } from "./csv";
import { Problems, serverProblems } from "./Problems";
import { bulksQuery } from "./queries";
import { RowsPreview } from "./RowsPreview";
import { bulkTexts } from "./texts";

/** The table, what is wrong in it, and what holds for rows that say nothing. */
export function BulkForm({ isLocked }: { isLocked: boolean }) {
  const { t } = useI18n();
  const texts = useTexts(bulkTexts);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const presets = usePresets();
  const templates = useQuery(templatesQuery).data ?? [];
  const left = useQuery(quotaQuery).data?.remaining;
  const [csv, setCsv] = useState("");
  const [name, setName] = useState("");
  const [templateId, setTemplate] = useState("");
  const [sizes, setSizes] = useState(["youtube"]);
  const [formats, setFormats] = useState<Format[]>(["png"]);
  const wanted = useDeferredValue(csv);
  const sheet = useMemo(() => readSheet(wanted), [wanted]);
  const isBlank = csv.trim() === "";

  const start = useMutation({
    mutationFn: () => {
      const request = { csv, name: name.trim(), templateId, sizes: sizes.map((preset) => ({ preset })), formats };
      return covers.bulkGenerate({ ...request, requestId: newRequestId() }, { timeoutMs: 30_000 });
    },
    onSuccess: (bulk) => {
      void client.invalidateQueries({ queryKey: bulksQuery.queryKey });
      navigate(`/bulk/${bulk.bulkId}`);
    },
  });

  const refused = start.error ? serverProblems(toFault(start.error)) : [];
  const problems = isBlank ? [] : [...sheet.problems, ...refused];
  const isBlocked = isBlank || isLocked || sheet.problems.length > 0 || sizes.length === 0 || formats.length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isBlocked && !start.isPending) start.mutate();
  };
  const onCsv = (text: string) => {
    start.reset();
    setCsv(text);
  };

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <div className={styles.main}>
        <CsvInput value={csv} onChange={onCsv} />
        {refused.length === 0 && <FaultNotice error={start.error} />}
        {problems.length > 0 && <Problems problems={problems} />}
        {!isBlank && sheet.rows.length > 0 && <RowsPreview sheet={sheet} />}
      </div>
      <div className={styles.side}>
        <TextField label={texts.name} aside={t.make.optional} value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
        <Select label={texts.template} value={templateId} onChange={(event) => setTemplate(event.target.value)}>
          <option value="">{texts.templateAny}</option>
          {templates.map((template) => (
            <option key={template.id} value={template.id}>
              {t.names.templates[template.id] ?? template.name}
            </option>
          ))}
        </Select>
        <fieldset>
          <legend className={styles.legend}>{texts.sizes}</legend>
          <div className={styles.checks}>
            {presets.map((preset) => (
              <Check
                key={preset.id}
                label={preset.name}
                checked={sizes.includes(preset.id)}
                onChange={() => setSizes(toggled(sizes, preset.id))}
              />
            ))}
          </div>
        </fieldset>
        <fieldset>
          <legend className={styles.legend}>{texts.formats}</legend>
          <div className={styles.formats}>
            {FORMATS.map((format) => (
              <Check
                key={format}
                boxed
                label={format === "webp" ? "WebP" : format.toUpperCase()}
                checked={formats.includes(format)}
                onChange={() => setFormats(toggled(formats, format))}
              />
            ))}
          </div>
        </fieldset>
        {!isBlank && (
          <p className={styles.cost}>
            {texts.cost(sheet.rows.length)}{" "}
            {left !== undefined && left < sheet.rows.length && <strong className={styles.over}>{texts.left(left)}</strong>}
          </p>
        )}
        <Button type="submit" kind="primary" size="large" wide busy={start.isPending} disabled={isBlocked}>
          {start.isPending ? texts.starting : texts.start}
        </Button>
      </div>
    </form>
  );
}

function toggled<T>(list: readonly T[], value: T): T[] {
  return list.includes(value) ? list.filter((known) => known !== value) : [...list, value];
}
