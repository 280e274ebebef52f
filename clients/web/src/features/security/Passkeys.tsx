import type { JsonObject } from "@bufbuild/protobuf";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { hasPasskeys, isTurnedDown, unwrapped } from "../../api/auth";
import { passkeys } from "../../api/clients_account";
import { accountQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import type { Passkey } from "../../gen/covergen/auth/v1/passkeys_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { Dialog } from "../../ui/Dialog";
import { FaultNotice } from "../../ui/FaultNotice";
import { TextField } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { toast } from "../../ui/toast";
import { deviceOf } from "../account/device";
import { passkeysQuery } from "./queries";
import { useGuarded } from "./Reauth";
import styles from "./security.module.css";
import { securityTexts } from "./texts";

/** The account's passkeys, and a way to add one. */
export function Passkeys() {
  const texts = useTexts(securityTexts);
  const list = useQuery(passkeysQuery);
  const add = useAddPasskey();
  const isDown = isTurnedDown(add.error);
  return (
    <>
      {list.isPending && <Skeleton height="4rem" />}
      <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.data?.length === 0 && <p className={styles.faint}>{texts.passkeysNone}</p>}
      {list.data && list.data.length > 0 && (
        <ul className={styles.list} data-testid="passkeys">
          {list.data.map((passkey) => (
            <Row key={passkey.id} passkey={passkey} />
          ))}
        </ul>
      )}
      {isDown ? <Notice tone="warn">{texts.passkeyDown}</Notice> : <FaultNotice error={add.error} />}
      {hasPasskeys() ? (
        <div>
          <Button icon="key" busy={add.isPending} onClick={() => add.mutate()}>
            {add.isPending ? texts.addingPasskey : texts.addPasskey}
          </Button>
        </div>
      ) : (
        <p className={styles.faint}>{texts.passkeysUnsupported}</p>
      )}
    </>
  );
}

/** Has the browser make a passkey and the server keep it. */
function useAddPasskey() {
  const texts = useTexts(securityTexts);
  const client = useQueryClient();
  return useGuarded({
    mutationFn: async () => {
      const { options } = await passkeys.startPasskeyRegistration({});
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(unwrapped(options ?? {}) as PublicKeyCredentialCreationOptionsJSON);
      const made = await navigator.credentials.create({ publicKey });
      if (!(made instanceof PublicKeyCredential)) throw new DOMException("", "NotAllowedError");
      const device = deviceOf(navigator.userAgent);
      return passkeys.finishPasskeyRegistration({
        credential: made.toJSON() as unknown as JsonObject,
        name: device ? texts.passkeyNameDefault(device.browser, device.system) : "",
        requestId: newRequestId(),
      });
    },
    onSuccess: () => {
      toast({ text: texts.passkeyAdded });
      void client.invalidateQueries({ queryKey: accountQuery.queryKey });
      return client.invalidateQueries({ queryKey: passkeysQuery.queryKey });
    },
  });
}

function Row({ passkey }: { passkey: Passkey }) {
  const { format } = useI18n();
  const texts = useTexts(securityTexts);
  const [open, setOpen] = useState<"rename" | "remove">();
  const close = (isOpen: boolean) => !isOpen && setOpen(undefined);
  const used = passkey.lastUsedTime ? texts.used(format.ago(passkey.lastUsedTime)) : texts.neverUsed;
  return (
    <li className={styles.row}>
      <Icon name="key" size={22} />
      <div className={styles.text}>
        <p className={styles.name}>
          {passkey.name}
          {passkey.synced && <Badge>{texts.synced}</Badge>}
        </p>
        <p className={styles.about}>
          {texts.made(format.date(passkey.createTime))} · {used}
        </p>
      </div>
      <div className={styles.actions}>
        <Button size="small" aria-label={texts.renameNamed(passkey.name)} onClick={() => setOpen("rename")}>
          {texts.rename}
        </Button>
        <RemoveButton name={passkey.name} onClick={() => setOpen("remove")} />
      </div>
      <Rename passkey={passkey} open={open === "rename"} onOpenChange={close} />
      <Remove passkey={passkey} open={open === "remove"} onOpenChange={close} />
    </li>
  );
}

function RemoveButton({ name, onClick }: { name: string; onClick: () => void }) {
  const { t } = useI18n();
  const texts = useTexts(securityTexts);
  return (
    <Button size="small" kind="danger" aria-label={texts.removeNamed(name)} onClick={onClick}>
      {t.common.remove}
    </Button>
  );
}

interface RowDialog {
  passkey: Passkey;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

function Rename({ passkey, open, onOpenChange }: RowDialog) {
  const { t } = useI18n();
  const texts = useTexts(securityTexts);
  const client = useQueryClient();
  const [name, setName] = useState(passkey.name);
  const rename = useMutation({
    mutationFn: () => passkeys.renamePasskey({ passkeyId: passkey.id, name: name.trim(), requestId: newRequestId() }),
    onSuccess: () => {
      onOpenChange(false);
      return client.invalidateQueries({ queryKey: passkeysQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) rename.mutate();
  };
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={texts.rename} description={texts.passkeyName}>
      <form className="stack" onSubmit={submit} noValidate>
        <FaultNotice error={rename.error} />
        <TextField label={texts.passkeyName} value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
        <Button type="submit" kind="primary" wide busy={rename.isPending}>
          {t.common.save}
        </Button>
      </form>
    </Dialog>
  );
}

function Remove({ passkey, open, onOpenChange }: RowDialog) {
  const { t } = useI18n();
  const texts = useTexts(securityTexts);
  const client = useQueryClient();
  const remove = useGuarded({
    mutationFn: () => passkeys.deletePasskey({ passkeyId: passkey.id, requestId: newRequestId() }),
    onSuccess: () => {
      onOpenChange(false);
      void client.invalidateQueries({ queryKey: accountQuery.queryKey });
      return client.invalidateQueries({ queryKey: passkeysQuery.queryKey });
    },
  });
  return (
    <Confirm
      open={open}
      onOpenChange={onOpenChange}
      title={texts.removePasskey}
      body={texts.removePasskeyBody(passkey.name)}
      action={t.common.remove}
      work={remove}
    />
  );
}
