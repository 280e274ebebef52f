import type { ComponentChildren, JSX } from "preact";
import { Icon, type IconName } from "./Icon";
import css from "./ui.module.css";

type ButtonProps = {
  kind?: "primary" | "quiet" | "danger";
  wide?: boolean;
  /** Cannot be used now, but can be reached and says so. */
  isOff?: boolean;
  children: ComponentChildren;
} & Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, "icon">;

export function Button({ kind = "primary", wide, isOff, children, type = "button", onClick, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={isOff ? "button" : type}
      class={`${css.button} ${css[kind]} ${wide ? css.wide : ""}`}
      aria-disabled={isOff || undefined}
      {...(onClick && !isOff ? { onClick } : {})}
    >
      {children}
    </button>
  );
}

type IconButtonProps = { icon: IconName; label: string; filled?: boolean; size?: number } & Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, "icon">;

export function IconButton({ icon, label, filled = false, size, ...rest }: IconButtonProps) {
  return (
    <button type="button" {...rest} class={`${css.button} ${css.icon}`} aria-label={label}>
      <Icon name={icon} filled={filled} {...(size ? { size } : {})} />
    </button>
  );
}
