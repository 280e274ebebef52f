import { useState } from "react";
import { useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { Field, TextField } from "../../ui/Field";
import { changeDraft, type Draft } from "./draft";
import type { DraftErrors } from "./draft_errors";
import { graphemes, KICKER_MAX, SUBTITLE_MAX, TITLE_MAX } from "./limits";
import styles from "./TitleFields.module.css";
import { TitleIdeas } from "./TitleIdeas";

/** Title, subtitle and kicker. They grow with their text; a count appears
    when the end comes near. */
export function TitleFields({ draft, errors }: { draft: Draft; errors: DraftErrors }) {
  const { t } = useI18n();
  const [hasIdeas, setIdeas] = useState(false);
  return (
    <div className={styles.fields}>
      <Field
        label={t.make.title}
        aside={
          <span className={styles.aside}>
            <Left text={draft.title} max={TITLE_MAX} />
          </span>
        }
        error={errors.title}
      >
        {(ids) => (
          <div className={styles.holder}>
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
            <Button
              kind="quiet"
              size="small"
              icon="idea"
              className={styles.ideas}
              aria-expanded={hasIdeas}
              aria-controls="title-ideas"
              onClick={() => setIdeas(!hasIdeas)}
            >
              {t.make.ideas}
            </Button>
          </div>
        )}
      </Field>
      {hasIdeas && <TitleIdeas draft={draft} onClose={() => setIdeas(false)} />}
      <div className={styles.lines}>
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
        <TextField
          label={t.make.kicker}
          aside={<Left text={draft.kicker} max={KICKER_MAX} otherwise={t.make.optional} />}
          error={errors.kicker}
          data-field="kicker"
          value={draft.kicker}
          placeholder={t.make.kickerPlaceholder}
          onChange={(event) => changeDraft({ kicker: event.target.value })}
          autoComplete="off"
        />
      </div>
    </div>
  );
}

function Left({ text, max, otherwise = "" }: { text: string; max: number; otherwise?: string }) {
  const { t } = useI18n();
  const left = max - graphemes(text.trim());
  if (left < 0) return <strong className={styles.over}>{t.make.over(-left)}</strong>;
  return <>{left <= max / 4 ? t.make.left(left) : otherwise}</>;
}
