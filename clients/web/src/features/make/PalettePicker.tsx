import type { Template } from "../../gen/covergen/template/v1/template_pb";
import { useI18n } from "../../i18n";
import { classes } from "../../ui/classes";
import { changeDraft } from "./draft";
import styles from "./PalettePicker.module.css";

/** The palettes a template was designed for, as swatches of their colours. */
export function PalettePicker({ template, chosen }: { template: Template; chosen: string }) {
  const { t } = useI18n();
  const current = template.palettes.find(({ id }) => id === chosen) ?? template.palettes[0];
  const nameOf = (palette: { id: string; name: string }) => t.names.palettes[palette.id] ?? palette.name;
  if (!current) return null;
  return (
    <fieldset>
      <legend className={styles.legend}>
        {t.make.palette}
        <span className={styles.current}>{nameOf(current)}</span>
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
              onChange={() => changeDraft({ paletteId: palette.id })}
            />
            <Swatch colors={palette.colors} />
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Ground large at the left, the other colours in bands. */
function Swatch({ colors }: { colors: string[] }) {
  const [ground = "none", ...bands] = colors.slice(0, 6);
  const width = bands.length > 0 ? 28 / bands.length : 0;
  return (
    <svg className={styles.swatch} viewBox="0 0 56 32" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <rect width="56" height="32" fill={ground} />
      {bands.map((color, index) => (
        <rect key={index} x={28 + index * width} width={width + 0.5} height="32" fill={color} />
      ))}
    </svg>
  );
}
