import { useMutation, type UseMutationOptions, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState, useSyncExternalStore } from "react";
import { auth } from "../../api/clients";
import { Fault, toFault } from "../../api/fault";
import { accountQuery } from "../../api/queries";
import { useTexts } from "../../i18n/texts";
import { useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { FaultNotice } from "../../ui/FaultNotice";
import { TextField } from "../../ui/Field";
import { securityTexts } from "./texts";

// Changes to credentials ask for a sign-in that is not long ago. Who asks for
// one waits here while the dialog proves it.
let waiting: ((isProved: boolean) => void) | undefined;
const listeners = new Set<() => void>();

function setWaiting(next: typeof waiting): void {
  waiting = next;
  for (const listener of listeners) listener();
}

function prove(): Promise<boolean> {
  return new Promise((resolve) => setWaiting(resolve));
}

/** Does `work`; where it asks for a fresh sign-in, has that proved and does it
    once more. */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const fault = toFault(error);
    if (fault.reason !== "REAUTHENTICATION_REQUIRED") throw error;
    if (!(await prove())) throw new Fault({ code: "CANCELLED", message: "" });
    return work();
  }
}

/** A mutation that may ask who is at the keyboard. */
export function useGuarded<T, V = void>(options: UseMutationOptions<T, Error, V> & { mutationFn: (variables: V) => Promise<T> }) {
  const { mutationFn, ...rest } = options;
  const mutation = useMutation<T, Error, V>({ ...rest, mutationFn: (variables) => guarded(() => mutationFn(variables)) });
  // To turn the question down is no fault.
  const isTurnedDown = mutation.error !== null && toFault(mutation.error).code === "CANCELLED";
  return { ...mutation, error: isTurnedDown ? null : mutation.error };
}

/** Asks for the password or a code while somebody waits for it. */
export function ReauthDialog() {
  const texts = useTexts(securityTexts);
  const isOpen = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => waiting !== undefined,
  );
  const end = (isProved: boolean) => {
    const asked = waiting;
    setWaiting(undefined);
    asked?.(isProved);
  };
  return (
    <Dialog open={isOpen} onOpenChange={(open) => !open && end(false)} title={texts.reauthTitle} description={texts.reauthLead}>
      {isOpen && <ReauthForm onProved={() => end(true)} />}
    </Dialog>
  );
}

function ReauthForm({ onProved }: { onProved: () => void }) {
  const { t } = useI18n();
  const texts = useTexts(securityTexts);
  const account = useQuery(accountQuery).data;
  const [byCode, setByCode] = useState(false);
  const [secret, setSecret] = useState("");
  const isCode = byCode || account?.hasPassword === false;
  const proof = useMutation({
    mutationFn: () => auth.reauthenticate(isCode ? { code: secret.trim() } : { password: secret }),
    onSuccess: onProved,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (secret && !proof.isPending) proof.mutate();
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <FaultNotice error={proof.error} />
      <TextField
        key={isCode ? "code" : "password"}
        label={isCode ? texts.reauthCode : t.auth.password}
        type={isCode ? "text" : "password"}
        inputMode={isCode ? "numeric" : undefined}
        autoComplete={isCode ? "one-time-code" : "current-password"}
        value={secret}
        onChange={(event) => setSecret(event.target.value)}
      />
      {account?.totpEnabled && account.hasPassword && (
        <div>
          <Button
            kind="quiet"
            size="small"
            onClick={() => {
              setByCode(!isCode);
              setSecret("");
            }}
          >
            {isCode ? texts.reauthUsePassword : texts.reauthUseCode}
          </Button>
        </div>
      )}
      <Button type="submit" kind="primary" wide busy={proof.isPending} disabled={!secret}>
        {texts.reauthGo}
      </Button>
    </form>
  );
}
