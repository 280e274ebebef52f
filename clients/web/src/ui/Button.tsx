import type { ButtonHTMLAttributes, Ref } from "react";
import styles from "./Button.module.css";
import { classes } from "./classes";
import { Icon, type IconName } from "./Icon";

interface Look {
  kind?: "primary" | "plain" | "quiet" | "danger";
  size?: "medium" | "small" | "large";
  icon?: IconName | undefined;
  wide?: boolean;
}

type Props = Look & ButtonHTMLAttributes<HTMLButtonElement> & { busy?: boolean; ref?: Ref<HTMLButtonElement> };

/** A button. While `busy` it stays focusable and says so, but does nothing. */
export function Button({ kind, size, icon, wide, busy = false, onClick, children, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      className={classes(buttonClass({ kind, size, wide }), rest.className)}
      aria-disabled={busy || rest["aria-disabled"] ? true : undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {busy ? <span className={styles.spinner} aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** The class of something that looks like a button, such as a link. */
export function buttonClass({ kind = "plain", size = "medium", wide = false }: Look): string {
  return classes(styles.button, styles[kind], styles[size], wide && styles.wide);
}
