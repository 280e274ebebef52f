import type { Template } from "../../gen/covergen/template/v1/template_pb";
import { useI18n } from "../../i18n";
import { classes } from "../../ui/classes";
import { Swatch } from "../../ui/Swatch";
import { changeDraft } from "./draft";
import styles from "./PalettePicker.module.css";

interface Props {
  template: Template;
  chosen: string;
  /** Own colours outrank the palettes: none of them is in use then. */
  hasOwn: boolean;
}

/** The palettes a template was designed for, as swatches of their colours. */
export function PalettePicker({ template, chosen, hasOwn }: Props) {
  const { t } = useI18n();
  const current = hasOwn ? undefined : (template.palettes.find(({ id }) => id === chosen) ?? template.palettes[0]);
  const nameOf = (palette: { id: string; name: string }) => t.names.palettes[palette.id] ?? palette.name;
  if (template.palettes.length === 0) return null;
  return (
    <fieldset>
      <legend className={styles.legend}>
        {t.make.palette}
        <span className={styles.current}>{current ? nameOf(current) : t.make.ownColors}</span>
      </legend>
      <div className={styles.row}>
        {template.palettes.map((palette) => (
          <label
            key={palette.id}
            className={classes(styles.palette, palette === current && styles.chosen)}
            title={nameOf(palette)}
          >
            <input
              type="radio"
              className="hidden"
              name="palette"
              aria-label={nameOf(palette)}
              checked={palette === current}
              onChange={() => changeDraft({ paletteId: palette.id, colors: [] })}
            />
            <Swatch colors={palette.colors} />
          </label>
        ))}
      </div>
    </fieldset>
  );
}
