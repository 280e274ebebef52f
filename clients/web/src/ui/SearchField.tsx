import { useI18n } from "../i18n";
import { inputClass } from "./Field";
import { classes } from "./classes";
import { Icon } from "./Icon";
import styles from "./SearchField.module.css";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** A field to search by; its label is its placeholder. Escape empties it. */
export function SearchField({ label, value, onChange }: Props) {
  const { t } = useI18n();
  return (
    <div className={styles.search}>
      <Icon name="search" />
      <input
        type="search"
        className={classes(inputClass, styles.input)}
        aria-label={label}
        placeholder={label}
        value={value}
        maxLength={100}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.preventDefault();
          if (event.key === "Escape" && value) onChange("");
        }}
      />
      {value && (
        <button type="button" className={styles.clear} aria-label={t.common.remove} onClick={() => onChange("")}>
          <Icon name="close" size={16} />
        </button>
      )}
    </div>
  );
}
