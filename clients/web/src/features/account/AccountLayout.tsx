import type { ReactNode } from "react";
import { useLocation, useSearch } from "wouter";
import { usePageTitle } from "../../app/title";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { PageTabs } from "../../ui/PageTabs";
import { OAuthError } from "../auth/OAuthError";
import { useSignOut } from "../auth/sign_out";
import { ReauthDialog } from "../security/Reauth";
import { securityTexts } from "../security/texts";
import styles from "./AccountPage.module.css";

/** What all pages of the account share: their head, and the way between them. */
export function AccountLayout({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  const texts = useTexts(securityTexts);
  const [path] = useLocation();
  const signOut = useSignOut();
  const pages = [
    ["/account", texts.tabs.profile],
    ["/account/security", texts.tabs.security],
    ["/account/photos", texts.tabs.photos],
    ["/account/history", texts.tabs.history],
    ["/account/keys", texts.tabs.keys],
    ["/account/data", texts.tabs.data],
  ] as const;
  usePageTitle(pages.find(([href]) => href === path)?.[1] ?? t.account.pageTitle);
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{t.account.pageTitle}</h1>
        <Button icon="signOut" busy={signOut.isPending} onClick={() => signOut.mutate()}>
          {signOut.isPending ? t.account.signingOut : t.account.signOut}
        </Button>
      </div>
      <FaultNotice error={signOut.error} />
      <OAuthError reason={new URLSearchParams(useSearch()).get("oauthError")} />
      <PageTabs label={texts.nav} pages={pages} />
      {children}
      <ReauthDialog />
    </div>
  );
}
