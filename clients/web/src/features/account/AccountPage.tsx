import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { toFault } from "../../api/fault";
import { meQuery } from "../../api/queries";
import { usePageTitle } from "../../app/title";
import { sentenceFor, useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { useSignOut } from "../auth/sign_out";
import styles from "./AccountPage.module.css";
import { Appearance } from "./Appearance";
import { Plan } from "./Plan";
import { ProfileForm } from "./ProfileForm";
import { Sessions } from "./Sessions";

/** The user's own things. */
export default function AccountPage() {
  const { t, language } = useI18n();
  usePageTitle(t.account.pageTitle);
  const me = useQuery(meQuery);
  const signOut = useSignOut();
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{t.account.pageTitle}</h1>
        <Button icon="signOut" busy={signOut.isPending} onClick={() => signOut.mutate()}>
          {signOut.isPending ? t.account.signingOut : t.account.signOut}
        </Button>
      </div>
      {signOut.error && <Notice tone="danger">{sentenceFor(toFault(signOut.error), { t, language })}</Notice>}
      <Section title={t.account.profile} lead={t.account.profileLead}>
        {me.data ? <ProfileForm user={me.data} /> : me.error ? <Notice tone="danger">{sentenceFor(toFault(me.error), { t, language })}</Notice> : <Skeleton height="16rem" />}
      </Section>
      <Section title={t.account.plan} lead={t.account.planLead}>
        <Plan />
      </Section>
      <Section title={t.account.appearance} lead={t.account.appearanceLead}>
        <Appearance />
      </Section>
      <Section title={t.account.sessions} lead={t.account.sessionsLead}>
        <Sessions />
      </Section>
    </div>
  );
}

function Section({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
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
