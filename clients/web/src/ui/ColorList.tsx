import { useI18n } from "../i18n";
import { Button } from "./Button";
import styles from "./ColorList.module.css";

const MIN = 2;
const MAX = 6;

/** Two to six colours, the background first. */
export function ColorList({ colors, onChange }: { colors: readonly string[]; onChange: (colors: string[]) => void }) {
  const { t } = useI18n();
  return (
    <div className={styles.colors} role="group" aria-label={t.colors.label}>
      {colors.map((color, index) => {
        const name = index === 0 ? t.colors.ground : t.colors.nth(index);
        return (
          <label key={index} className={styles.color}>
            <input
              type="color"
              value={color}
              aria-label={name}
              onChange={(event) => onChange(colors.map((old, at) => (at === index ? event.target.value : old)))}
            />
            <span aria-hidden="true">{index === 0 ? t.colors.ground : color.toUpperCase()}</span>
          </label>
        );
      })}
      <span className={styles.buttons}>
        {colors.length < MAX && (
          <Button kind="quiet" size="small" icon="plus" aria-label={t.colors.add} onClick={() => onChange([...colors, colors.at(-1) ?? "#808080"])} />
        )}
        {colors.length > MIN && (
          <Button kind="quiet" size="small" icon="close" aria-label={t.colors.removeLast} onClick={() => onChange(colors.slice(0, -1))} />
        )}
      </span>
    </div>
  );
}
