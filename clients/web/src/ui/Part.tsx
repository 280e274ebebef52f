import type { ReactNode } from "react";
import styles from "./Part.module.css";

interface Props {
  title: string;
  lead?: string;
  /** What can be done with all of it; at the right of the title. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A part of a page, ruled off from the one above. */
export function Part({ title, lead, aside, children }: Props) {
  return (
    <section className={styles.part}>
      <div className={styles.head}>
        <div>
          <h2>{title}</h2>
          {lead && <p className={styles.lead}>{lead}</p>}
        </div>
        {aside}
      </div>
      {children}
    </section>
  );
}
