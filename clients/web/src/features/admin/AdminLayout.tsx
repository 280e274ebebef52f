import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { accountQuery } from "../../api/queries";
import { NotFound } from "../../app/NotFound";
import { PageLoading } from "../../app/PageLoading";
import { usePageTitle } from "../../app/title";
import { useTexts } from "../../i18n/texts";
import { classes } from "../../ui/classes";
import account from "../account/AccountPage.module.css";
import styles from "./admin.module.css";
import { adminTexts } from "./texts";

/** The operators' pages. To others they do not exist: the server refuses
    every call of theirs anyway. */
export function AdminLayout({ children }: { children: ReactNode }) {
  const texts = useTexts(adminTexts);
  const [path] = useLocation();
  const roles = useQuery(accountQuery);
  const isAdmin = roles.data?.roles.includes("admin") ?? false;
  const isModerator = isAdmin || (roles.data?.roles.includes("moderator") ?? false);
  const pages = [
    ...(isAdmin ? [["/admin", texts.tabs.queue] as const] : []),
    ["/admin/safety", texts.tabs.safety] as const,
    ...(isAdmin ? [["/admin/users", texts.tabs.users] as const, ["/admin/mesh", texts.tabs.mesh] as const] : []),
  ];
  const here = pages.find(([href]) => href === path);
  usePageTitle(here?.[1] ?? texts.title);
  if (roles.isPending) return <PageLoading />;
  if (!isModerator || !here) return <NotFound />;
  return (
    <div className={styles.page}>
      <h1>{texts.title}</h1>
      <nav className={account.nav} aria-label={texts.nav}>
        {pages.map(([href, name]) => (
          <Link key={href} href={href} className={classes(account.link, href === path && account.here)} aria-current={href === path ? "page" : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      {children}
    </div>
  );
}

/** A part of an operators' page. */
export function Part({ title, lead, aside, children }: { title: string; lead?: string; aside?: ReactNode; children: ReactNode }) {
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
