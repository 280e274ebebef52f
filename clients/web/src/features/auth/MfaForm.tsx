import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { verifyMfa } from "../../api/auth";
import { type Fault, toFault } from "../../api/fault";
import { sentenceFor, useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { signTexts } from "./texts";

interface Props {
  mfaToken: string;
  onSignedIn: () => void;
  onBack: () => void;
}

/** The second factor: a code of the app, or a recovery code. */
export function MfaForm({ mfaToken, onSignedIn, onBack }: Props) {
  const { t, language } = useI18n();
  const texts = useTexts(signTexts);
  const [isRecovery, setRecovery] = useState(false);
  const [code, setCode] = useState("");
  const [isMissing, setMissing] = useState(false);
  const verify = useMutation({ mutationFn: () => verifyMfa(mfaToken, code.trim()), onSuccess: onSignedIn });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(code.trim() === "");
    if (code.trim() && !verify.isPending) verify.mutate();
  };
  const fault = verify.error ? toFault(verify.error) : undefined;
  const sentence = fault && sentenceOf(fault);
  return (
    <form onSubmit={submit} noValidate className="stack">
      {sentence && <Notice tone="danger">{sentence}</Notice>}
      <p>{isRecovery ? texts.mfaLeadRecovery : texts.mfaLead}</p>
      <TextField
        key={isRecovery ? "recovery" : "code"}
        label={isRecovery ? texts.mfaRecovery : texts.mfaCode}
        autoFocus
        name="code"
        inputMode={isRecovery ? "text" : "numeric"}
        autoComplete="one-time-code"
        spellCheck={false}
        autoCapitalize="none"
        value={code}
        error={isMissing ? texts.mfaMissing : undefined}
        onChange={(event) => setCode(event.target.value)}
      />
      <Button type="submit" kind="primary" size="large" wide busy={verify.isPending}>
        {verify.isPending ? t.auth.working : t.auth.signIn}
      </Button>
      <Button
        kind="quiet"
        wide
        onClick={() => {
          setRecovery(!isRecovery);
          setCode("");
          verify.reset();
        }}
      >
        {isRecovery ? texts.mfaUseApp : texts.mfaUseRecovery}
      </Button>
      <Button kind="quiet" wide onClick={onBack}>
        {texts.mfaBack}
      </Button>
    </form>
  );

  function sentenceOf(of: Fault): string {
    if (of.reason === "MFA_TOKEN_INVALID") return texts.mfaExpired;
    return of.reason === "MFA_CODE_INVALID" || of.code === "INVALID_ARGUMENT" ? texts.mfaWrong : sentenceFor(of, { t, language });
  }
}
