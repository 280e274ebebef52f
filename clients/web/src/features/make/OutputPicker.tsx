import { useI18n } from "../../i18n";
import { classes } from "../../ui/classes";
import { Icon } from "../../ui/Icon";
import { Segmented } from "../../ui/Segmented";
import { changeDraft, type Draft, FORMATS, type Format } from "./draft";
import styles from "./OutputPicker.module.css";

const VARIANTS = ["1", "2", "3", "4"] as const;

/** File formats, and how many designs. */
export function OutputPicker({ draft, error }: { draft: Draft; error: string | undefined }) {
  const { t } = useI18n();
  const toggle = (format: Format) => {
    const formats = FORMATS.filter((known) => draft.formats.includes(known) !== (known === format));
    changeDraft({ formats });
  };
  return (
    <>
      <fieldset aria-describedby={error ? "formats-error" : undefined}>
        <legend className={styles.legend}>{t.make.formats}</legend>
        {error && (
          <p className={styles.error} id="formats-error" role="alert">
            <Icon name="warning" size={16} />
            {error}
          </p>
        )}
        <div className={styles.formats}>
          {FORMATS.map((format, index) => {
            const isChosen = draft.formats.includes(format);
            return (
              <label key={format} className={classes(styles.format, isChosen && styles.chosen)}>
                <input
                  type="checkbox"
                  className="hidden"
                  name="format"
                  value={format}
                  data-field={index === 0 ? "formats" : undefined}
                  checked={isChosen}
                  onChange={() => toggle(format)}
                />
                <span className={styles.box}>{isChosen && <Icon name="check" size={12} />}</span>
                {format === "webp" ? "WebP" : format.toUpperCase()}
              </label>
            );
          })}
        </div>
      </fieldset>
      <Segmented
        label={t.make.variants}
        hint={t.make.variantsHint}
        value={String(draft.variants)}
        options={VARIANTS.map((value) => ({ value, label: value }))}
        onChange={(value) => changeDraft({ variants: Number(value) })}
      />
    </>
  );
}
