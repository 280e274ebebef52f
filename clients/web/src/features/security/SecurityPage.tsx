import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { auth } from "../../api/clients";
import { accountQuery, sessionsQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { Skeleton } from "../../ui/Skeleton";
import { toast } from "../../ui/toast";
import { AccountLayout } from "../account/AccountLayout";
import { Section } from "../account/Section";
import { Sessions } from "../account/Sessions";
import { EmailState } from "./EmailState";
import { Links } from "./Links";
import { Passkeys } from "./Passkeys";
import { PasswordForm } from "./PasswordForm";
import { securityTexts } from "./texts";
import { TwoStep } from "./TwoStep";

/** Every way into the account, and where it is open now. */
export default function SecurityPage() {
  const { t } = useI18n();
  const texts = useTexts(securityTexts);
  const account = useQuery(accountQuery);
  return (
    <AccountLayout>
      {account.isPending && <Skeleton height="20rem" />}
      <FaultNotice error={account.error} onRetry={() => void account.refetch()} />
      {account.data && (
        <>
          <Section title={texts.email} lead={texts.emailLead}>
            <EmailState account={account.data} />
          </Section>
          <Section title={texts.password} lead={texts.passwordLead}>
            <PasswordForm account={account.data} />
          </Section>
          <Section title={texts.passkeys} lead={texts.passkeysLead}>
            <Passkeys />
          </Section>
          <Section title={texts.totp} lead={texts.totpLead}>
            <TwoStep account={account.data} />
          </Section>
          <Section title={texts.links} lead={texts.linksLead}>
            <Links />
          </Section>
        </>
      )}
      <Section title={t.account.sessions} lead={t.account.sessionsLead}>
        <Sessions />
        <EndOthers />
      </Section>
    </AccountLayout>
  );
}

function EndOthers() {
  const texts = useTexts(securityTexts);
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => auth.endOtherSessions({ requestId: newRequestId() }),
    onSuccess: ({ ended }) => {
      toast({ text: texts.endedOthers(ended) });
      return client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  return (
    <>
      <FaultNotice error={end.error} />
      <div>
        <Button size="small" busy={end.isPending} onClick={() => end.mutate()}>
          {texts.endOthers}
        </Button>
      </div>
    </>
  );
}
