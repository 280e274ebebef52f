import { create } from "@bufbuild/protobuf";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { users } from "../../api/clients";
import { type Fault, toFault } from "../../api/fault";
import { meQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import { type User, UserSchema } from "../../gen/covergen/user/v1/user_pb";
import { sentenceFor, useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { announce } from "../../ui/live";
import { Notice } from "../../ui/Notice";
import { Select } from "../../ui/Select";
import styles from "./ProfileForm.module.css";

type Values = Pick<User, "displayName" | "username" | "timeZone">;
type Errors = Partial<Record<keyof Values, string>>;

/** Their names in the contract, for the field mask. */
const PATHS: Record<keyof Values, string> = {
  displayName: "display_name",
  username: "username",
  timeZone: "time_zone",
};
const FIELDS = ["displayName", "username", "timeZone"] as const;
const ZONES = Intl.supportedValuesOf("timeZone");

/** The profile. Only what was changed is sent, so that two tabs do not undo
    each other's work. */
export function ProfileForm({ user }: { user: User }) {
  const { t, language } = useI18n();
  const client = useQueryClient();
  const [values, setValues] = useState<Values>(user);
  const [errors, setErrors] = useState<Errors>({});
  const changed = FIELDS.filter((field) => values[field].trim() !== user[field]);

  const save = useMutation({
    mutationFn: () => {
      const trimmed = Object.fromEntries(changed.map((field) => [field, values[field].trim()]));
      return users.updateUser({
        userId: "me",
        user: create(UserSchema, trimmed),
        updateMask: { paths: changed.map((field) => PATHS[field]) },
        requestId: newRequestId(),
      });
    },
    onSuccess: (updated) => {
      client.setQueryData(meQuery.queryKey, updated);
      setValues(updated);
      announce(t.common.saved);
    },
    onError: (error) => setErrors(violations(toFault(error))),
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found: Errors = {};
    if (values.displayName.trim() === "") found.displayName = t.auth.nameMissing;
    else if ([...values.displayName].length > 80) found.displayName = t.auth.nameLong;
    if (values.username && !/^[a-z0-9_]{3,30}$/.test(values.username)) found.username = t.account.usernameInvalid;
    setErrors(found);
    if (Object.keys(found).length === 0 && changed.length > 0) save.mutate();
  };

  const bind = (field: keyof Values) => ({
    name: field,
    value: values[field],
    error: errors[field],
    onChange: (event: { target: { value: string } }) => {
      save.reset();
      setErrors((before) => ({ ...before, [field]: undefined }));
      setValues((before) => ({ ...before, [field]: event.target.value }));
    },
  });

  const fault = save.error ? toFault(save.error) : undefined;
  return (
    <form onSubmit={submit} noValidate className="stack">
      {fault && Object.keys(violations(fault)).length === 0 && (
        <Notice tone="danger">{sentenceFor(fault, { t, language })}</Notice>
      )}
      <TextField label={t.account.displayName} autoComplete="name" {...bind("displayName")} />
      <TextField label={t.account.username} hint={t.account.usernameHint} autoComplete="nickname" spellCheck={false} autoCapitalize="none" {...bind("username")} />
      <TextField label={t.account.email} value={user.email} disabled readOnly />
      <Select label={t.account.timeZone} {...bind("timeZone")}>
        <option value="">{t.account.timeZoneNone}</option>
        {values.timeZone && !ZONES.includes(values.timeZone) && <option>{values.timeZone}</option>}
        {ZONES.map((zone) => (
          <option key={zone} value={zone}>
            {zone.replaceAll("_", " ")}
          </option>
        ))}
      </Select>
      <div className={styles.end}>
        <Button type="submit" kind="primary" busy={save.isPending} disabled={changed.length === 0}>
          {save.isPending ? t.common.saving : t.common.save}
        </Button>
        {save.isSuccess && changed.length === 0 && <span className={styles.saved}>{t.common.saved}</span>}
      </div>
    </form>
  );
}

function violations(fault: Fault): Errors {
  const found: Errors = {};
  for (const { field, description } of fault.violations) {
    const name = FIELDS.find((known) => field === known || field === `user.${known}`);
    if (name) found[name] = description;
  }
  return found;
}
