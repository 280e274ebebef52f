import type { SelectHTMLAttributes } from "react";
import { Field, inputClass } from "./Field";
import { classes } from "./classes";
import { Icon } from "./Icon";
import styles from "./Select.module.css";

type Props = SelectHTMLAttributes<HTMLSelectElement> & { label: string; hint?: string; error?: string | undefined };

/** The platform's own select: phones and screen readers know it best. */
export function Select({ label, hint, error, children, ...select }: Props) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <div className={styles.holder}>
          <select {...select} {...ids} className={classes(inputClass, styles.select)}>
            {children}
          </select>
          <span className={styles.chevron}>
            <Icon name="chevron" />
          </span>
        </div>
      )}
    </Field>
  );
}
