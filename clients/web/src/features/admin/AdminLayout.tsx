import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useLocation } from "wouter";
import { accountQuery } from "../../api/queries";
import { NotFound } from "../../app/NotFound";
import { PageLoading } from "../../app/PageLoading";
import { usePageTitle } from "../../app/title";
import { useTexts } from "../../i18n/texts";
import { Page } from "../../ui/Page";
import { PageTabs } from "../../ui/PageTabs";
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
    ["/admin/rules", texts.tabs.rules] as const,
    ...(isAdmin ? [["/admin/users", texts.tabs.users] as const, ["/admin/mesh", texts.tabs.mesh] as const] : []),
  ];
  const here = pages.find(([href]) => href === path);
  usePageTitle(here?.[1] ?? texts.title);
  if (roles.isPending) return <PageLoading />;
  if (!isModerator || !here) return <NotFound />;
  return (
    <Page>
      <h1>{texts.title}</h1>
      <PageTabs className={styles.tabs} label={texts.nav} pages={pages} />
      {children}
    </Page>
  );
}
