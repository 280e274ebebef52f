import type { Preset } from "../../gen/covergen/export/v1/export_pb";
import { useI18n } from "../../i18n";
import { classes } from "../../ui/classes";
import { Icon } from "../../ui/Icon";
import { Ratio } from "../../ui/Ratio";
import { Skeleton } from "../../ui/Skeleton";
import { changeDraft } from "./draft";
import styles from "./SizePicker.module.css";

interface Props {
  presets: Preset[];
  chosen: string[];
  shown: string;
  error: string | undefined;
}

/** The platforms' sizes as checkboxes, each with its shape to scale. */
export function SizePicker({ presets, chosen, shown, error }: Props) {
  const { t } = useI18n();
  const toggle = (id: string) => {
    const isOn = chosen.includes(id);
    // Kept in the order of the list, which is also that of the results.
    const sizes = presets.map((preset) => preset.id).filter((known) => (known === id ? !isOn : chosen.includes(known)));
    const isShownGone = !sizes.includes(shown);
    changeDraft({ sizes, shown: isOn ? (isShownGone ? (sizes[0] ?? shown) : shown) : id });
  };
  return (
    <fieldset aria-describedby={error ? "sizes-error" : undefined}>
      <legend className={styles.legend}>
        {t.make.sizes}
        <span className={styles.count}>{t.make.sizesChosen(chosen.length)}</span>
      </legend>
      {error && (
        <p className={styles.error} id="sizes-error" role="alert">
          <Icon name="warning" size={16} />
          {error}
        </p>
      )}
      <div className={styles.chips}>
        {presets.length === 0 && <Skeleton height="8rem" />}
        {presets.map((preset, index) => {
          const isChosen = chosen.includes(preset.id);
          return (
            <label key={preset.id} className={classes(styles.chip, isChosen && styles.chosen)}>
              <input
                type="checkbox"
                className="hidden"
                name="size"
                value={preset.id}
                data-field={index === 0 ? "sizes" : undefined}
                checked={isChosen}
                onChange={() => toggle(preset.id)}
              />
              <Ratio width={preset.width} height={preset.height} />
              <span className={styles.text}>
                <span className={styles.name}>{preset.name}</span>
                <span className={styles.pixels}>
                  {preset.width} × {preset.height}
                </span>
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}
