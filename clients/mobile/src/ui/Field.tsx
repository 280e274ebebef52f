import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { useI18n } from "../i18n";
import { IconButton } from "./Button";
import css from "./ui.module.css";

type FieldProps = { label: string; hint?: string | undefined; error?: string | undefined } & JSX.InputHTMLAttributes<HTMLInputElement>;

/** A line of text with its name, a hint, and what is wrong with it. */
export function Field({ label, hint, error, type = "text", ...rest }: FieldProps) {
  const { t } = useI18n();
  const id = useId();
  const [isShown, show] = useState(false);
  const isPassword = type === "password";
  const input = (
    <input
      {...rest}
      id={id}
      type={isPassword && isShown ? "text" : type}
      class={css.input}
      aria-invalid={error ? true : undefined}
      aria-describedby={error || hint ? `${id}-note` : undefined}
    />
  );
  return (
    <div class={css.field}>
      <label class={css.label} for={id}>
        {label}
      </label>
      {isPassword ? (
        <div class={css.withAction}>
          {input}
          <IconButton icon="eye" label={isShown ? t.auth.hidePassword : t.auth.showPassword} aria-pressed={isShown} onClick={() => show(!isShown)} />
        </div>
      ) : (
        input
      )}
      {(error || hint) && (
        <p id={`${id}-note`} class={error ? css.error : css.hint}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}
