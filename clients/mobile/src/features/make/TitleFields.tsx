import { useId } from "preact/hooks";
import { useI18n } from "../../i18n";
import type { Draft, DraftErrors } from "./draft";
import css from "./make.module.css";

interface TitleFieldsProps {
  draft: Draft;
  errors: DraftErrors;
  onChange: (part: Partial<Draft>) => void;
}

/** What the cover says. */
export function TitleFields({ draft, errors, onChange }: TitleFieldsProps) {
  const { t } = useI18n();
  const id = useId();
  const error = errors.title ?? errors.subtitle;
  return (
    <>
      <div class={css.titles}>
        <label for={`${id}-title`}>{t.make.titleField}</label>
        <textarea
          id={`${id}-title`}
          data-field="title"
          rows={1}
          value={draft.title}
          placeholder={t.make.titlePlaceholder}
          enterkeyhint="done"
          aria-invalid={errors.title ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          onKeyDown={(event) => {
            // A title is one line, however it is broken on the cover.
            if (event.key !== "Enter" || event.isComposing) return;
            event.preventDefault();
            event.currentTarget.blur();
          }}
          onInput={({ currentTarget }) => onChange({ title: currentTarget.value.replace(/\s*\n\s*/g, " ") })}
        />
        <hr />
        <label for={`${id}-subtitle`}>{t.make.subtitleField}</label>
        <input
          id={`${id}-subtitle`}
          data-field="subtitle"
          value={draft.subtitle}
          placeholder={t.make.subtitlePlaceholder}
          autocomplete="off"
          enterkeyhint="done"
          aria-invalid={errors.subtitle ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.isComposing) return;
            event.preventDefault();
            event.currentTarget.blur();
          }}
          onInput={({ currentTarget }) => onChange({ subtitle: currentTarget.value })}
        />
      </div>
      {error && (
        <p id={`${id}-error`} class={css.error} role="alert">
          {error}
        </p>
      )}
    </>
  );
}
