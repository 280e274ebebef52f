import { Link, useLocation } from "wouter";
import { classes } from "./classes";
import styles from "./PageTabs.module.css";

interface Props {
  label: string;
  /** Address and name of each page. */
  pages: readonly (readonly [href: string, name: string])[];
  className?: string | undefined;
}

/** On a phone the row may be wider than the screen. */
const intoView = (link: HTMLAnchorElement | null) => link?.scrollIntoView({ block: "nearest", inline: "nearest" });

/** The way between pages that stand side by side. */
export function PageTabs({ label, pages, className }: Props) {
  const [path] = useLocation();
  return (
    <nav className={classes(styles.nav, className)} aria-label={label}>
      {pages.map(([href, name]) => {
        const isHere = href === path;
        return (
          <Link
            key={href}
            ref={isHere ? intoView : undefined}
            href={href}
            className={classes(styles.link, isHere && styles.here)}
            aria-current={isHere ? "page" : undefined}
          >
            {name}
          </Link>
        );
      })}
    </nav>
  );
}
