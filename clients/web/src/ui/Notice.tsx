import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";
import styles from "./Notice.module.css";
import { classes } from "./classes";

interface Props {
  tone: "info" | "warn" | "danger";
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  icon?: IconName;
}

/** A message that stands in the page. Faults are announced at once, the
    rest when the reader pauses. */
export function Notice({ tone, title, children, action, icon }: Props) {
  return (
    <div className={classes(styles.notice, styles[tone])} role={tone === "danger" ? "alert" : "status"}>
      <Icon name={icon ?? (tone === "info" ? "info" : "warning")} />
      <div className={styles.text}>
        {title && <p className={styles.title}>{title}</p>}
        {children && <div className={styles.body}>{children}</div>}
        {action && <div className={styles.action}>{action}</div>}
      </div>
    </div>
  );
}
