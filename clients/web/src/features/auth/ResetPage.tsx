import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { auth } from "../../api/clients";
import { toFault } from "../../api/fault";
import { newRequestId } from "../../api/request_id";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button, buttonClass } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { Notice } from "../../ui/Notice";
import { takeToken } from "./mailed_token";
import { PasswordField } from "./PasswordField";
import { passwordError } from "./rules";
import { SignFrame } from "./SignFrame";
import styles from "./SignPage.module.css";
import { signTexts } from "./texts";

/** Where the mailed link leads: a new password. Opening the page uses nothing
    up; only sending the form does. */
export default function ResetPage() {
  const { t } = useI18n();
  const texts = useTexts(signTexts);
  const [token] = useState(takeToken);
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string>();
  const reset = useMutation({ mutationFn: () => auth.resetPassword({ token, password, requestId: newRequestId() }) });
  const account = { email: "", password, displayName: "" };
  const fault = reset.error ? toFault(reset.error) : undefined;
  const isUsedUp = !token || fault?.reason === "TOKEN_INVALID";

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = passwordError(account, t.auth);
    setError(found);
    if (!found && !reset.isPending) reset.mutate();
  };
  if (reset.isSuccess) {
    return (
      <SignFrame title={texts.resetDone} lead={texts.resetDoneBody}>
        <Link href="/sign-in?ended=1" className={buttonClass({ kind: "primary", size: "large", wide: true })}>
          {t.auth.signIn}
        </Link>
      </SignFrame>
    );
  }
  return (
    <SignFrame title={texts.resetTitle} lead={texts.resetLead}>
      {isUsedUp ? <Notice tone="danger">{texts.tokenBad}</Notice> : <FaultNotice error={reset.error} />}
      <form className="stack" onSubmit={submit} noValidate>
        <PasswordField account={account} isNew value={password} error={error} onChange={(event) => setPassword(event.target.value)} />
        <Button type="submit" kind="primary" size="large" wide busy={reset.isPending} disabled={!token}>
          {texts.resetGo}
        </Button>
      </form>
      <p className={styles.other}>
        <Link href={isUsedUp ? "/forgot-password" : "/sign-in"}>{isUsedUp ? texts.forgot : texts.backToSignIn}</Link>
      </p>
    </SignFrame>
  );
}
