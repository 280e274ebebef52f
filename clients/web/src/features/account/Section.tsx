import type { ReactNode } from "react";
import styles from "./AccountPage.module.css";

/** A part of the account: what it is at the left, the thing at the right. */
export function Section({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <div>
        <h2>{title}</h2>
        <p className={styles.lead}>{lead}</p>
      </div>
      <div className={styles.body}>{children}</div>
    </section>
  );
}
