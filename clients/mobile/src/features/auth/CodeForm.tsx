import { useState } from "preact/hooks";
import { sentenceFor, useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { type Pending, verify } from "./auth";
import css from "./auth.module.css";
import { leaveSignIn } from "./leave";
import { useSubmit } from "./use_submit";

/** Asks for the second factor. */
export function CodeForm({ pending }: { pending: Pending }) {
  const i18n = useI18n();
  const { t } = i18n;
  const [code, setCode] = useState("");
  const [isChecked, check] = useState(false);
  const { isBusy, fault, submit } = useSubmit();
  return (
    <form
      class={css.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        check(true);
        if (code.trim()) submit(() => verify(pending, code.trim()).then(() => leaveSignIn()));
      }}
    >
      {fault && <Notice>{sentenceFor(fault, i18n)}</Notice>}
      <Field
        label={t.auth.code}
        name="code"
        value={code}
        error={isChecked && !code.trim() ? t.auth.codeMissing : undefined}
        autocomplete="one-time-code"
        autocapitalize="none"
        onInput={({ currentTarget }) => setCode(currentTarget.value)}
      />
      <Button type="submit" wide isOff={isBusy}>
        {isBusy ? t.common.loading : t.auth.codeAction}
      </Button>
    </form>
  );
}
