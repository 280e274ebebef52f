import { type FormEvent, useState } from "react";
import { mfa } from "../../api/clients_account";
import { newRequestId } from "../../api/request_id";
import type { TotpEnrollment } from "../../gen/covergen/auth/v1/mfa_pb";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { Copy } from "../../ui/Copy";
import { Dialog } from "../../ui/Dialog";
import { FaultNotice } from "../../ui/FaultNotice";
import { TextField } from "../../ui/Field";
import { QrCode } from "../../ui/QrCode";
import { useGuarded } from "./Reauth";
import styles from "./security.module.css";
import { securityTexts } from "./texts";

interface Props {
  enrollment: TotpEnrollment;
  onClose: () => void;
  onCodes: (codes: string[]) => void;
}

/** Shows the secret to scan; the first code proves that it arrived. */
export function EnrollDialog({ enrollment, onClose, onCodes }: Props) {
  const texts = useTexts(securityTexts);
  const [code, setCode] = useState("");
  const [isWrong, setWrong] = useState(false);
  const confirm = useGuarded({
    mutationFn: () => mfa.confirmTotp({ code, requestId: newRequestId() }),
    onSuccess: ({ codes }) => onCodes(codes),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isCode = new RegExp(`^\\d{${enrollment.digits || 6}}$`).test(code);
    setWrong(!isCode);
    if (isCode && !confirm.isPending) confirm.mutate();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={texts.totpTitle} description={texts.totpScan}>
      <form className="stack" onSubmit={submit} noValidate>
        <div className={styles.enroll}>
          <QrCode text={enrollment.otpauthUri} label={texts.totpQr} size={168} />
          <div className={styles.secret}>
            <span className={styles.faint}>{texts.totpSecret}</span>
            <code className={styles.code} data-testid="totp-secret">
              {enrollment.secret}
            </code>
            <Copy text={enrollment.secret} />
          </div>
        </div>
        <FaultNotice error={confirm.error} />
        <TextField
          label={texts.totpCode}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={8}
          value={code}
          error={isWrong ? texts.totpCodeWrong : undefined}
          onChange={(event) => setCode(event.target.value.replace(/\s/g, ""))}
        />
        <Button type="submit" kind="primary" wide busy={confirm.isPending}>
          {texts.totpConfirm}
        </Button>
      </form>
    </Dialog>
  );
}
