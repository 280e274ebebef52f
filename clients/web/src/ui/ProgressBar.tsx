import { classes } from "./classes";
import styles from "./ProgressBar.module.css";

interface Props {
  /** 0 to 100. */
  percent: number;
  label: string;
  /** What is being done, read out with the number. */
  text?: string;
  tone?: "accent" | "danger";
}

/** Ruled like the edge of the mat: a tick for every tenth. */
export function ProgressBar({ percent, label, text, tone = "accent" }: Props) {
  return (
    <div
      className={styles.track}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={[`${percent} %`, text].filter(Boolean).join(", ")}
    >
      <div className={classes(styles.done, styles[tone])} style={{ scale: `${percent / 100} 1` }} />
    </div>
  );
}
