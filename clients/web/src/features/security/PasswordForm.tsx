import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { auth } from "../../api/clients";
import { toFault } from "../../api/fault";
import { accountQuery, sessionsQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import type { Account } from "../../gen/covergen/auth/v1/auth_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { TextField } from "../../ui/Field";
import { toast } from "../../ui/toast";
import { PasswordField } from "../auth/PasswordField";
import { passwordError } from "../auth/rules";
import { useGuarded } from "./Reauth";
import { securityTexts } from "./texts";

/** Trades one password for another, or sets a first one. */
export function PasswordForm({ account }: { account: Account }) {
  const { t } = useI18n();
  const texts = useTexts(securityTexts);
  const client = useQueryClient();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [errors, setErrors] = useState<{ current?: string | undefined; fresh?: string | undefined }>({});

  const change = useGuarded({
    mutationFn: () => auth.changePassword({ currentPassword: current, newPassword: fresh, requestId: newRequestId() }),
    onSuccess: () => {
      setCurrent("");
      setFresh("");
      toast({ text: texts.changed });
      void client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
      return client.invalidateQueries({ queryKey: accountQuery.queryKey });
    },
    onError: (error) => {
      const found = toFault(error).violations;
      const of = (name: string) => found.find(({ field }) => field === name)?.description;
      setErrors({ current: of("currentPassword"), fresh: of("newPassword") });
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = {
      current: account.hasPassword && !current ? texts.currentMissing : undefined,
      fresh: passwordError({ email: account.email, password: fresh, displayName: "" }, t.auth),
    };
    setErrors(found);
    if (!found.current && !found.fresh && !change.isPending) change.mutate();
  };
  const isGeneral = change.error && !errors.current && !errors.fresh;
  return (
    <form className="stack" onSubmit={submit} noValidate>
      {isGeneral && <FaultNotice error={change.error} />}
      {!account.hasPassword && <p>{texts.passwordNone}</p>}
      {/* Password managers look for the name that goes with it. */}
      <input type="text" className="hidden" autoComplete="username" value={account.email} readOnly tabIndex={-1} aria-hidden="true" />
      {account.hasPassword && (
        <TextField
          label={texts.current}
          type="password"
          autoComplete="current-password"
          value={current}
          error={errors.current}
          onChange={(event) => setCurrent(event.target.value)}
        />
      )}
      <PasswordField
        label={texts.fresh}
        account={{ email: account.email, password: fresh, displayName: "" }}
        isNew
        value={fresh}
        error={errors.fresh}
        onChange={(event) => setFresh(event.target.value)}
      />
      <div>
        <Button type="submit" busy={change.isPending}>
          {account.hasPassword ? texts.change : texts.set}
        </Button>
      </div>
    </form>
  );
}
