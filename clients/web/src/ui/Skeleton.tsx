import styles from "./Skeleton.module.css";

/** A blank the size of what is being loaded. */
export function Skeleton({ ratio, height }: { ratio?: number; height?: string }) {
  return <div className={styles.blank} style={{ aspectRatio: ratio, height }} aria-hidden="true" />;
}
