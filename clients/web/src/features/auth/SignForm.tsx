import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { Link } from "wouter";
import { login, register, type SignInAnswer } from "../../api/auth";
import { type Fault, toFault } from "../../api/fault";
import { sentenceFor, useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { PasswordField } from "./PasswordField";
import { type Account, type Errors, signInErrors, signUpErrors } from "./rules";
import { signTexts } from "./texts";

const EMPTY: Account = { email: "", password: "", displayName: "" };

interface Props {
  mode: "in" | "up";
  onSignedIn: () => void;
  /** A second factor is asked for. */
  onMfa: (mfaToken: string) => void;
}

/** The form of either mode. Errors stand at their fields; the first of them
    takes focus, which reads it out. */
export function SignForm({ mode, onSignedIn, onMfa }: Props) {
  const { t, language } = useI18n();
  const texts = useTexts(signTexts);
  const form = useRef<HTMLFormElement>(null);
  const [account, setAccount] = useState(EMPTY);
  const [errors, setErrors] = useState<Errors>({});

  const sign = useMutation({
    mutationFn: async ({ email, password, displayName }: Account): Promise<SignInAnswer> => {
      const trimmed = email.trim();
      if (mode === "in") return login({ email: trimmed, password });
      await register({ email: trimmed, password, displayName: displayName.trim() });
      return {};
    },
    onSuccess: ({ mfaRequired, mfaToken }) => (mfaRequired && mfaToken ? onMfa(mfaToken) : onSignedIn()),
    onError: (error) => point(violations(toFault(error))),
  });

  const point = (found: Errors) => {
    setErrors(found);
    const first = (["displayName", "email", "password"] as const).find((name) => found[name]);
    if (first) form.current?.querySelector<HTMLInputElement>(`[name="${first}"]`)?.focus();
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (sign.isPending) return;
    const found = mode === "in" ? signInErrors(account, t.auth) : signUpErrors(account, t.auth);
    sign.reset();
    point(found);
    if (Object.keys(found).length === 0) sign.mutate(account);
  };

  const bind = (name: keyof Account) => ({
    name,
    value: account[name],
    error: errors[name],
    required: true,
    onChange: (event: { target: { value: string } }) => {
      setAccount((before) => ({ ...before, [name]: event.target.value }));
      setErrors((before) => ({ ...before, [name]: undefined }));
    },
  });

  const fault = sign.error ? toFault(sign.error) : undefined;
  const isGeneral = fault !== undefined && Object.keys(violations(fault)).length === 0;
  return (
    <form ref={form} onSubmit={submit} noValidate className="stack">
      {isGeneral && <Notice tone="danger">{signSentence(fault)}</Notice>}
      {mode === "up" && <TextField label={t.auth.displayName} hint={t.auth.displayNameHint} autoComplete="name" {...bind("displayName")} />}
      <TextField label={t.auth.email} type="email" inputMode="email" autoComplete="username" spellCheck={false} {...bind("email")} />
      <PasswordField account={account} isNew={mode === "up"} {...bind("password")} />
      {mode === "in" && (
        <p>
          <Link href="/forgot-password">{texts.forgot}</Link>
        </p>
      )}
      <Button type="submit" kind="primary" size="large" wide busy={sign.isPending}>
        {sign.isPending ? t.auth.working : mode === "in" ? t.auth.signIn : t.auth.signUp}
      </Button>
    </form>
  );

  function signSentence(of: Fault): string {
    if (of.code === "UNAUTHENTICATED") return t.auth.wrong;
    return sentenceFor(of, { t, language });
  }

  /** What the server said of single fields. */
  function violations(of: Fault): Errors {
    if (of.reason === "EMAIL_TAKEN") return { email: t.auth.taken };
    const found: Errors = {};
    for (const { field, description } of of.violations) {
      if (field === "email" || field === "password" || field === "displayName") found[field] = description;
    }
    return found;
  }
}
