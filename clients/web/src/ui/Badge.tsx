import type { ReactNode } from "react";
import styles from "./Badge.module.css";
import { classes } from "./classes";

export type Tone = "neutral" | "good" | "warn" | "danger";

/** A state in a word. */
export function Badge({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={classes(styles.badge, styles[tone])}>{children}</span>;
}
