import { useMutation } from "@tanstack/react-query";
import { auth } from "../../api/clients";
import { newRequestId } from "../../api/request_id";
import type { Account } from "../../gen/covergen/auth/v1/auth_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { Notice } from "../../ui/Notice";
import styles from "./security.module.css";
import { securityTexts } from "./texts";

/** The address, and whether it was proved. */
export function EmailState({ account }: { account: Account }) {
  const { language } = useI18n();
  const texts = useTexts(securityTexts);
  const send = useMutation({ mutationFn: () => auth.sendVerification({ language, requestId: newRequestId() }) });
  return (
    <>
      <p className={styles.line}>
        <span className={styles.value}>{account.email}</span>
        <Badge tone={account.emailVerified ? "good" : "warn"}>{account.emailVerified ? texts.verified : texts.unverified}</Badge>
      </p>
      <FaultNotice error={send.error} />
      {send.isSuccess && (
        <Notice tone="info" icon="mail">
          {texts.sent(account.email)}
        </Notice>
      )}
      {!account.emailVerified && (
        <div>
          <Button size="small" icon="mail" busy={send.isPending} onClick={() => send.mutate()}>
            {texts.sendVerification}
          </Button>
        </div>
      )}
    </>
  );
}
