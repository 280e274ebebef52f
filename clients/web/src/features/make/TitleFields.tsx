import { useI18n } from "../../i18n";
import { Field } from "../../ui/Field";
import { changeDraft, type Draft } from "./draft";
import type { DraftErrors } from "./draft_errors";
import { graphemes, SUBTITLE_MAX, TITLE_MAX } from "./limits";
import styles from "./TitleFields.module.css";

/** Title and subtitle. They grow with their text; a count appears when the
    end comes near. */
export function TitleFields({ draft, errors }: { draft: Draft; errors: DraftErrors }) {
  const { t } = useI18n();
  return (
    <div className={styles.fields}>
      <Field label={t.make.title} aside={<Left text={draft.title} max={TITLE_MAX} />} error={errors.title}>
        {(ids) => (
          <textarea
            {...ids}
            data-field="title"
            className={styles.title}
            rows={2}
            value={draft.title}
            placeholder={t.make.titlePlaceholder}
            onChange={(event) => changeDraft({ title: event.target.value })}
            autoComplete="off"
            required
          />
        )}
      </Field>
      <Field
        label={t.make.subtitle}
        aside={<Left text={draft.subtitle} max={SUBTITLE_MAX} otherwise={t.make.optional} />}
        error={errors.subtitle}
      >
        {(ids) => (
          <textarea
            {...ids}
            data-field="subtitle"
            className={styles.subtitle}
            rows={1}
            value={draft.subtitle}
            placeholder={t.make.subtitlePlaceholder}
            onChange={(event) => changeDraft({ subtitle: event.target.value })}
            autoComplete="off"
          />
        )}
      </Field>
    </div>
  );
}

function Left({ text, max, otherwise = "" }: { text: string; max: number; otherwise?: string }) {
  const { t } = useI18n();
  const left = max - graphemes(text.trim());
  if (left < 0) return <strong className={styles.over}>{t.make.over(-left)}</strong>;
  return <>{left <= max / 4 ? t.make.left(left) : otherwise}</>;
}
