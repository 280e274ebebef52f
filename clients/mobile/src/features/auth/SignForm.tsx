import type { TargetedEvent } from "preact";
import { useRef, useState } from "preact/hooks";
import { navigate } from "../../app/router";
import { sentenceFor, useI18n } from "../../i18n";
import type { Catalog } from "../../i18n/en";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { login, type Pending, register } from "./auth";
import css from "./auth.module.css";
import { leaveSignIn } from "./leave";
import { useSubmit } from "./use_submit";

const PASSWORD_MIN = 10;

interface Account {
  displayName: string;
  email: string;
  password: string;
}

interface SignFormProps {
  isNew: boolean;
  email: string;
  onPending: (pending: Pending) => void;
}

export function SignForm({ isNew, email, onPending }: SignFormProps) {
  const i18n = useI18n();
  const { t } = i18n;
  const form = useRef<HTMLFormElement>(null);
  const [account, setAccount] = useState<Account>({ displayName: "", email, password: "" });
  const [isChecked, check] = useState(false);
  const { isBusy, fault, submit } = useSubmit();
  const errors = isChecked ? errorsIn(account, isNew, t.auth) : {};

  const field = (name: keyof Account) => ({
    name,
    value: account[name],
    error: errors[name] ?? fault?.violations.find((violation) => violation.field === name)?.description,
    onInput: ({ currentTarget }: TargetedEvent<HTMLInputElement>) => setAccount({ ...account, [name]: currentTarget.value }),
  });

  const send = async () => {
    if (isNew) await register({ ...account, email: account.email.trim() });
    else {
      const pending = await login({ email: account.email.trim(), password: account.password });
      if (pending) return onPending(pending);
    }
    leaveSignIn();
  };

  return (
    <form
      ref={form}
      class={css.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        check(true);
        const [wrong] = Object.keys(errorsIn(account, isNew, t.auth));
        if (wrong) form.current?.querySelector<HTMLInputElement>(`[name=${wrong}]`)?.focus();
        else submit(send);
      }}
    >
      {fault && <Notice>{sentenceFor(fault, i18n)}</Notice>}
      {isNew && <Field {...field("displayName")} label={t.auth.name} autocomplete="name" autocapitalize="words" />}
      <Field {...field("email")} label={t.auth.email} type="email" inputMode="email" autocomplete="username" autocapitalize="none" />
      <Field
        {...field("password")}
        label={t.auth.password}
        hint={isNew ? t.auth.passwordHint : undefined}
        type="password"
        autocomplete={isNew ? "new-password" : "current-password"}
      />
      <Button type="submit" wide isOff={isBusy}>
        {isBusy ? t.common.loading : isNew ? t.auth.signUp : t.auth.signIn}
      </Button>
      {!isNew && (
        <button type="button" class={css.link} onClick={() => navigate("/forgot")}>
          {t.auth.forgot}
        </button>
      )}
    </form>
  );
}

/** Mistakes that are told before anything is sent; the server checks again. */
function errorsIn({ displayName, email, password }: Account, isNew: boolean, t: Catalog["auth"]): Partial<Account> {
  const errors: Partial<Account> = {};
  if (isNew && displayName.trim() === "") errors.displayName = t.nameMissing;
  if (!/^[^\s@]+@[^\s@]+$/.test(email.trim())) errors.email = t.emailInvalid;
  if (password === "") errors.password = t.passwordMissing;
  else if (isNew && [...password].length < PASSWORD_MIN) errors.password = t.passwordShort;
  return errors;
}
