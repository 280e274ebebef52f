import type { InputHTMLAttributes, ReactNode } from "react";
import styles from "./Check.module.css";
import { classes } from "./classes";
import { Icon } from "./Icon";

type Props = Omit<InputHTMLAttributes<HTMLInputElement>, "type"> & {
  label: ReactNode;
  hint?: ReactNode;
  /** A box of its own, as in a row of choices. */
  boxed?: boolean;
};

/** A native checkbox with its label. */
export function Check({ label, hint, boxed = false, ...input }: Props) {
  return (
    <label className={classes(styles.check, boxed && styles.boxed, input.checked && styles.on)}>
      <input {...input} type="checkbox" className="hidden" />
      <span className={styles.box}>{input.checked && <Icon name="check" size={12} />}</span>
      <span className={styles.text}>
        {label}
        {hint && <span className={styles.hint}>{hint}</span>}
      </span>
    </label>
  );
}
