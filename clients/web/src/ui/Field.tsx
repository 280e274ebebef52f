import { type InputHTMLAttributes, type ReactNode, type Ref, useId } from "react";
import styles from "./Field.module.css";
import { classes } from "./classes";
import { Icon } from "./Icon";

interface Frame {
  label: ReactNode;
  /** Stands at the right of the label, such as a count. */
  aside?: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
}

/** What a control needs to point at its label, hint and error. */
export interface ControlIds {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

/** Label, control, hint and error, tied together for screen readers. */
export function Field({ label, aside, hint, error, children }: Frame & { children: (ids: ControlIds) => ReactNode }) {
  const id = useId();
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div className={styles.field}>
      <div className={styles.head}>
        <label htmlFor={id} className={styles.label}>
          {label}
        </label>
        {aside && <span className={styles.aside}>{aside}</span>}
      </div>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined })}
      {error && (
        <p className={styles.error} id={`${id}-error`}>
          <Icon name="warning" size={16} />
          {error}
        </p>
      )}
      {hint && (
        <div className={styles.hint} id={`${id}-hint`}>
          {hint}
        </div>
      )}
    </div>
  );
}

type TextProps = Frame & InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement>; end?: ReactNode };

/** A one-line input with its frame; `end` stands inside it at the right. */
export function TextField({ label, aside, hint, error, end, ...input }: TextProps) {
  return (
    <Field label={label} aside={aside} hint={hint} error={error}>
      {(ids) => (
        <div className={styles.holder}>
          <input {...input} {...ids} className={classes(styles.input, Boolean(end) && styles.withEnd)} />
          {end && <div className={styles.end}>{end}</div>}
        </div>
      )}
    </Field>
  );
}

/** The look of an input, for controls that are not plain inputs. */
export const inputClass = styles.input;
