import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { users } from "../../api/clients";
import { preferencesQuery, templatesQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import type { Preferences as Stored } from "../../gen/covergen/user/v1/user_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { Check } from "../../ui/Check";
import { FaultNotice } from "../../ui/FaultNotice";
import { announce } from "../../ui/live";
import { Select } from "../../ui/Select";
import { Skeleton } from "../../ui/Skeleton";
import { usePresets } from "../cover/sizes";
import { beginWith } from "../make/begin";
import { FORMATS } from "../make/draft";
import { securityTexts } from "../security/texts";
import styles from "./Preferences.module.css";

/** What a new cover begins with, on every device. */
export function Preferences() {
  const stored = useQuery(preferencesQuery);
  if (stored.error) return <FaultNotice error={stored.error} onRetry={() => void stored.refetch()} />;
  if (!stored.data) return <Skeleton height="10rem" />;
  return <Form key={stored.data.etag} stored={stored.data} />;
}

function Form({ stored }: { stored: Stored }) {
  const { t } = useI18n();
  const texts = useTexts(securityTexts);
  const client = useQueryClient();
  const presets = usePresets();
  const templates = useQuery(templatesQuery).data ?? [];
  const [defaultTemplateId, setTemplate] = useState(stored.defaultTemplateId);
  const [defaultSizes, setSizes] = useState(stored.defaultSizes);
  const [defaultFormats, setFormats] = useState(stored.defaultFormats);

  const save = useMutation({
    // The etag keeps two tabs from undoing each other's work.
    mutationFn: () =>
      users.updatePreferences({
        userId: "me",
        preferences: { ...stored, etag: "", defaultTemplateId, defaultSizes, defaultFormats },
        etag: stored.etag,
        requestId: newRequestId(),
      }),
    onSuccess: (saved) => {
      client.setQueryData(preferencesQuery.queryKey, saved);
      // The draft at hand follows at once.
      beginWith(saved);
      announce(t.common.saved);
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      <FaultNotice error={save.error} />
      <Select label={texts.prefTemplate} value={defaultTemplateId} onChange={(event) => setTemplate(event.target.value)}>
        <option value="">{texts.prefAny}</option>
        {templates.map(({ id, name }) => (
          <option key={id} value={id}>
            {t.names.templates[id] ?? name}
          </option>
        ))}
      </Select>
      <fieldset>
        <legend className={styles.legend}>{texts.prefSizes}</legend>
        <div className={styles.sizes}>
          {presets.map(({ id, name }) => (
            <Check key={id} label={name} checked={defaultSizes.includes(id)} onChange={() => setSizes(toggled(defaultSizes, id))} />
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend className={styles.legend}>{texts.prefFormats}</legend>
        <div className={styles.formats}>
          {FORMATS.map((format) => (
            <Check
              key={format}
              boxed
              label={format === "webp" ? "WebP" : format.toUpperCase()}
              checked={defaultFormats.includes(format)}
              onChange={() => setFormats(toggled(defaultFormats, format))}
            />
          ))}
        </div>
      </fieldset>
      <div>
        <Button type="submit" busy={save.isPending}>
          {save.isPending ? t.common.saving : texts.prefSave}
        </Button>
      </div>
    </form>
  );
}

function toggled(list: readonly string[], value: string): string[] {
  return list.includes(value) ? list.filter((known) => known !== value) : [...list, value];
}
