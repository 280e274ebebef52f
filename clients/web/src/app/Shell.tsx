import { type ReactNode, Suspense, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { QuotaMeter } from "../features/quota/QuotaMeter";
import { useI18n } from "../i18n";
import { Icon, type IconName, Mark } from "../ui/Icon";
import { classes } from "../ui/classes";
import { AccountMenu } from "./AccountMenu";
import { ErrorBoundary } from "./ErrorBoundary";
import { PageLoading } from "./PageLoading";
import styles from "./Shell.module.css";

/** The bar above every signed-in page, and the page below it. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);

  useEffect(() => {
    // A change of page is silent to a screen reader unless focus moves; at
    // the first load the browser itself reads the page.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
    window.scrollTo(0, 0);
  }, [path]);

  return (
    <>
      <a className={styles.skip} href="#content">
        {t.skipToContent}
      </a>
      <header className={styles.bar}>
        <Link href="/" className={styles.brand} aria-label={t.brand}>
          <Mark />
          <span className={styles.word}>{t.brand}</span>
        </Link>
        <nav aria-label={t.nav.label} className={styles.nav}>
          <NavLink href="/" icon="make" label={t.nav.make} isHere={path === "/"} />
          <NavLink href="/library" icon="library" label={t.nav.library} isHere={/^\/(library|bulk)/.test(path)} />
          <NavLink href="/brand" icon="brand" label={t.nav.brand} isHere={path.startsWith("/brand")} />
        </nav>
        <div className={styles.end}>
          <QuotaMeter />
          <AccountMenu />
        </div>
      </header>
      <main id="content" ref={main} tabIndex={-1} className={styles.main}>
        <ErrorBoundary key={path}>
          <Suspense fallback={<PageLoading />}>{children}</Suspense>
        </ErrorBoundary>
      </main>
    </>
  );
}

function NavLink({ href, icon, label, isHere }: { href: string; icon: IconName; label: string; isHere: boolean }) {
  return (
    <Link href={href} className={classes(styles.link, isHere && styles.here)} aria-current={isHere ? "page" : undefined}>
      <Icon name={icon} />
      {label}
    </Link>
  );
}
