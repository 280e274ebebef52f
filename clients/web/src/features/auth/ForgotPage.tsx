import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { auth } from "../../api/clients";
import { newRequestId } from "../../api/request_id";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { TextField } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { emailError } from "./rules";
import { SignFrame } from "./SignFrame";
import styles from "./SignPage.module.css";
import { signTexts } from "./texts";

/** Asks for the link that replaces a forgotten password. The answer is the
    same whether there is an account or not. */
export default function ForgotPage() {
  const { t, language } = useI18n();
  const texts = useTexts(signTexts);
  const [email, setEmail] = useState("");
  const [error, setError] = useState<string>();
  const send = useMutation({
    mutationFn: () => auth.forgotPassword({ email: email.trim(), language, requestId: newRequestId() }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = emailError(email, t.auth);
    setError(found);
    if (!found && !send.isPending) send.mutate();
  };
  return (
    <SignFrame title={texts.forgotTitle} lead={texts.forgotLead}>
      {send.isSuccess ? (
        <Notice tone="info" icon="mail" title={texts.forgotSent}>
          {texts.forgotSentBody(email.trim())}
        </Notice>
      ) : (
        <form className="stack" onSubmit={submit} noValidate>
          <FaultNotice error={send.error} />
          <TextField
            label={t.auth.email}
            name="email"
            type="email"
            inputMode="email"
            autoComplete="username"
            value={email}
            error={error}
            onChange={(event) => setEmail(event.target.value)}
          />
          <Button type="submit" kind="primary" size="large" wide busy={send.isPending}>
            {texts.forgotSend}
          </Button>
        </form>
      )}
      <p className={styles.other}>
        <Link href="/sign-in">{texts.backToSignIn}</Link>
      </p>
    </SignFrame>
  );
}
