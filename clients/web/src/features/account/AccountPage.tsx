import { useQuery } from "@tanstack/react-query";
import { meQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { FaultNotice } from "../../ui/FaultNotice";
import { Skeleton } from "../../ui/Skeleton";
import { securityTexts } from "../security/texts";
import { AccountLayout } from "./AccountLayout";
import { Appearance } from "./Appearance";
import { Plan } from "./Plan";
import { Preferences } from "./Preferences";
import { ProfileForm } from "./ProfileForm";
import { Section } from "./Section";

/** Who the user is here, and how they like it. */
export default function AccountPage() {
  const { t } = useI18n();
  const texts = useTexts(securityTexts);
  const me = useQuery(meQuery);
  return (
    <AccountLayout>
      <Section title={t.account.profile} lead={t.account.profileLead}>
        {me.data ? <ProfileForm user={me.data} /> : me.error ? <FaultNotice error={me.error} onRetry={() => void me.refetch()} /> : <Skeleton height="16rem" />}
      </Section>
      <Section title={t.account.plan} lead={t.account.planLead}>
        <Plan />
      </Section>
      <Section title={t.account.appearance} lead={t.account.appearanceLead}>
        <Appearance />
      </Section>
      <Section title={texts.preferences} lead={texts.preferencesLead}>
        <Preferences />
      </Section>
    </AccountLayout>
  );
}
