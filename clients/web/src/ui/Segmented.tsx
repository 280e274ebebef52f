import { type ReactNode, useId } from "react";
import styles from "./Segmented.module.css";
import { classes } from "./classes";

interface Props<T extends string> {
  label: string;
  /** Whether the label is shown, or only read out. */
  labelHidden?: boolean;
  hint?: ReactNode;
  value: T;
  options: readonly { value: T; label: ReactNode }[];
  onChange: (value: T) => void;
}

/** One of a few, as native radio buttons: arrows move, one Tab stop. */
export function Segmented<T extends string>({ label, labelHidden = false, hint, value, options, onChange }: Props<T>) {
  const name = useId();
  return (
    <fieldset className={styles.group} aria-describedby={hint ? `${name}-hint` : undefined}>
      <legend className={labelHidden ? "hidden" : styles.legend}>{label}</legend>
      <div className={styles.track}>
        {options.map((option) => (
          <label key={option.value} className={classes(styles.option, option.value === value && styles.chosen)}>
            <input
              type="radio"
              className="hidden"
              name={name}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
      {hint && (
        <p className={styles.hint} id={`${name}-hint`}>
          {hint}
        </p>
      )}
    </fieldset>
  );
}
