import type { ReactNode } from "react";
import styles from "./Empty.module.css";

interface Props {
  title: string;
  body: string;
  action?: ReactNode;
  /** An alert is announced at once. */
  isAlert?: boolean;
  /** Whether it is all the page has; its title is the page's heading then. */
  isPage?: boolean;
}

/** A page or part with nothing to show, laid out like blanks on the mat. */
export function Empty({ title, body, action, isAlert = false, isPage = false }: Props) {
  const Heading = isPage ? "h1" : "h2";
  return (
    <div className={styles.empty} role={isAlert ? "alert" : undefined}>
      <svg className={styles.art} viewBox="0 0 240 120" aria-hidden="true" focusable="false">
        <rect x="10" y="26" width="112" height="63" rx="3" />
        <rect x="134" y="10" width="46" height="79" rx="3" />
        <rect x="192" y="51" width="38" height="38" rx="3" />
        <path d="M10 104h220M10 100v8M122 100v8M134 100v8M180 100v8M192 100v8M230 100v8" />
      </svg>
      <Heading className={styles.title}>{title}</Heading>
      <p className={styles.body}>{body}</p>
      {action}
    </div>
  );
}
