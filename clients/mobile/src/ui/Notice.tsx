import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon";
import css from "./ui.module.css";

/** Something that went wrong, or that is good to know. */
export function Notice({ calm = false, icon = "warning", children }: { calm?: boolean; icon?: IconName; children: ComponentChildren }) {
  return (
    <div class={`${css.notice} ${calm ? css.calm : ""}`} role={calm ? "status" : "alert"}>
      <Icon name={icon} size={18} />
      <div>{children}</div>
    </div>
  );
}

/** A place that has nothing to show yet. */
export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class={css.empty}>
      <Icon name={icon} size={40} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}
