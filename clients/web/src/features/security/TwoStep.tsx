import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { mfa } from "../../api/clients_account";
import { accountQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import type { Account } from "../../gen/covergen/auth/v1/auth_pb";
import type { TotpEnrollment } from "../../gen/covergen/auth/v1/mfa_pb";
import { useTexts } from "../../i18n/texts";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { FaultNotice } from "../../ui/FaultNotice";
import { EnrollDialog } from "./EnrollDialog";
import { useGuarded } from "./Reauth";
import { RecoveryCodesDialog } from "./RecoveryCodesDialog";
import styles from "./security.module.css";
import { securityTexts } from "./texts";

/** Codes of an authenticator app: on or off, and the recovery codes. */
export function TwoStep({ account }: { account: Account }) {
  const texts = useTexts(securityTexts);
  const client = useQueryClient();
  const [enrollment, setEnrollment] = useState<TotpEnrollment>();
  const [codes, setCodes] = useState<string[]>();
  const [asked, setAsked] = useState<"remove" | "renew">();
  const changed = () => client.invalidateQueries({ queryKey: accountQuery.queryKey });
  const begin = useGuarded({ mutationFn: () => mfa.enrollTotp({}), onSuccess: setEnrollment });
  const remove = useGuarded({
    mutationFn: () => mfa.removeTotp({ requestId: newRequestId() }),
    onSuccess: () => {
      setAsked(undefined);
      return changed();
    },
  });
  const renew = useGuarded({
    mutationFn: () => mfa.renewRecoveryCodes({ requestId: newRequestId() }),
    onSuccess: (fresh) => {
      setAsked(undefined);
      setCodes(fresh.codes);
      return changed();
    },
  });
  const close = (isOpen: boolean) => !isOpen && setAsked(undefined);
  return (
    <>
      <p className={styles.line}>
        <Badge tone={account.totpEnabled ? "good" : "neutral"}>{account.totpEnabled ? texts.totpOn : texts.totpOff}</Badge>
        {account.totpEnabled && <span className={styles.faint}>{texts.codesLeft(account.recoveryCodesLeft)}</span>}
      </p>
      <FaultNotice error={begin.error} />
      <div className={styles.actions}>
        {account.totpEnabled ? (
          <>
            <Button size="small" icon="refresh" onClick={() => setAsked("renew")}>
              {texts.codesRenew}
            </Button>
            <Button size="small" kind="danger" onClick={() => setAsked("remove")}>
              {texts.totpRemove}
            </Button>
          </>
        ) : (
          <Button icon="shield" busy={begin.isPending} onClick={() => begin.mutate()}>
            {texts.totpAdd}
          </Button>
        )}
      </div>
      {enrollment && (
        <EnrollDialog
          enrollment={enrollment}
          onClose={() => setEnrollment(undefined)}
          onCodes={(fresh) => {
            setEnrollment(undefined);
            setCodes(fresh);
            void changed();
          }}
        />
      )}
      {codes && <RecoveryCodesDialog codes={codes} onClose={() => setCodes(undefined)} />}
      <Confirm
        open={asked === "remove"}
        onOpenChange={close}
        title={texts.totpRemoveTitle}
        body={texts.totpRemoveBody}
        action={texts.totpRemove}
        work={remove}
      />
      <Confirm
        open={asked === "renew"}
        onOpenChange={close}
        title={texts.codesRenew}
        body={texts.codesRenewBody}
        action={texts.codesRenew}
        work={renew}
        kind="primary"
      />
    </>
  );
}
