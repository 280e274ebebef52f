import { useState } from "preact/hooks";
import { sentenceFor, useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { sendResetLink } from "./auth";
import css from "./auth.module.css";
import { useSubmit } from "./use_submit";

/** Has a link mailed by which a new password is chosen. */
export function ForgotForm() {
  const i18n = useI18n();
  const { t } = i18n;
  const [email, setEmail] = useState("");
  const [isChecked, check] = useState(false);
  const [isSent, markSent] = useState(false);
  const { isBusy, fault, submit } = useSubmit();
  const isWrong = !/^[^\s@]+@[^\s@]+$/.test(email.trim());
  if (isSent) {
    return (
      <Notice calm icon="check">
        {t.auth.forgotSent}
      </Notice>
    );
  }
  return (
    <form
      class={css.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        check(true);
        if (!isWrong) submit(() => sendResetLink(email.trim()).then(() => markSent(true)));
      }}
    >
      {fault && <Notice>{sentenceFor(fault, i18n)}</Notice>}
      <Field
        label={t.auth.email}
        name="email"
        type="email"
        inputMode="email"
        autocomplete="username"
        value={email}
        error={isChecked && isWrong ? t.auth.emailInvalid : undefined}
        onInput={({ currentTarget }) => setEmail(currentTarget.value)}
      />
      <Button type="submit" wide isOff={isBusy}>
        {isBusy ? t.common.loading : t.auth.forgotAction}
      </Button>
    </form>
  );
}
