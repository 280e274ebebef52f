import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { apiKeys } from "../../api/clients_account";
import { newRequestId } from "../../api/request_id";
import { ApiKey_Mode as Mode, type NewApiKey } from "../../gen/covergen/auth/v1/api_keys_pb";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { Check } from "../../ui/Check";
import { Dialog } from "../../ui/Dialog";
import { FaultNotice } from "../../ui/FaultNotice";
import { TextField } from "../../ui/Field";
import { Segmented } from "../../ui/Segmented";
import { Select } from "../../ui/Select";
import { apiKeysQuery } from "./queries";
import { useGuarded } from "./Reauth";
import styles from "./security.module.css";
import { securityTexts } from "./texts";

const SCOPES = ["covers:read", "covers:write", "exports:read", "exports:write", "safety:check"];
const DAYS = [30, 90, 365];
const DAY_MS = 86_400_000;

/** Describes a new key. */
export function KeyDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: NewApiKey) => void }) {
  const texts = useTexts(securityTexts);
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [mode, setMode] = useState<"test" | "live">("test");
  const [scopes, setScopes] = useState(["covers:read", "covers:write"]);
  const [days, setDays] = useState(0);
  const [hasTried, setTried] = useState(false);
  const make = useGuarded({
    mutationFn: () =>
      apiKeys.createApiKey({
        name: name.trim(),
        mode: mode === "live" ? Mode.LIVE : Mode.TEST,
        scopes,
        expireTime: days > 0 ? timestampFromDate(new Date(Date.now() + days * DAY_MS)) : undefined,
        requestId: newRequestId(),
      }),
    onSuccess: (made) => {
      onMade(made);
      return client.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() && scopes.length > 0 && !make.isPending) make.mutate();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={texts.keyMake} description={texts.keysLead}>
      <form className="stack" onSubmit={submit} noValidate>
        <FaultNotice error={make.error} />
        <TextField
          label={texts.keyName}
          hint={texts.keyNameHint}
          value={name}
          maxLength={80}
          error={hasTried && !name.trim() ? texts.keyNameMissing : undefined}
          onChange={(event) => setName(event.target.value)}
        />
        <Segmented
          label={texts.keyMode}
          hint={texts.keyModeHint}
          value={mode}
          onChange={setMode}
          options={[
            { value: "test", label: texts.keyTest },
            { value: "live", label: texts.keyLive },
          ]}
        />
        <fieldset>
          <legend className={styles.legend}>{texts.keyScopes}</legend>
          {hasTried && scopes.length === 0 && <p className={styles.wrong}>{texts.keyScopesMissing}</p>}
          <div className={styles.scopes}>
            {SCOPES.map((scope) => (
              <Check
                key={scope}
                label={texts.scopes[scope] ?? scope}
                hint={scope}
                checked={scopes.includes(scope)}
                onChange={() => setScopes(scopes.includes(scope) ? scopes.filter((known) => known !== scope) : [...scopes, scope])}
              />
            ))}
          </div>
        </fieldset>
        <Select label={texts.keyExpiry} value={days} onChange={(event) => setDays(Number(event.target.value))}>
          <option value={0}>{texts.keyNever}</option>
          {DAYS.map((count) => (
            <option key={count} value={count}>
              {texts.keyDays(count)}
            </option>
          ))}
        </Select>
        <Button type="submit" kind="primary" wide busy={make.isPending}>
          {texts.keyMake}
        </Button>
      </form>
    </Dialog>
  );
}
