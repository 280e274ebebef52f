import type { ReactNode } from "react";
import { Link } from "wouter";
import { Icon } from "./Icon";
import styles from "./Page.module.css";

/** The frame of a page: its width, and the room between its parts. */
export function Page({ children }: { children: ReactNode }) {
  return <div className={styles.page}>{children}</div>;
}

/** The way to the page above, at the top of one below it. */
export function BackLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} className={styles.back}>
      <Icon name="back" />
      {children}
    </Link>
  );
}
