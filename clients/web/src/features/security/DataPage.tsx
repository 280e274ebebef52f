import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { logout } from "../../api/auth";
import { users } from "../../api/clients";
import { newRequestId } from "../../api/request_id";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button, buttonClass } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { FaultNotice } from "../../ui/FaultNotice";
import { TextField } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { AccountLayout } from "../account/AccountLayout";
import { Section } from "../account/Section";
import { forgetDraft } from "../make/draft";
import { useGuarded } from "./Reauth";
import styles from "./security.module.css";
import { securityTexts } from "./texts";

/** What is kept of the user: to take along, or to erase. */
export default function DataPage() {
  const texts = useTexts(securityTexts);
  return (
    <AccountLayout>
      <Section title={texts.dataExport} lead={texts.dataExportLead}>
        <Export />
      </Section>
      <Section title={texts.deletion} lead={texts.deletionLead}>
        <Deletion />
      </Section>
    </AccountLayout>
  );
}

function Export() {
  const { format } = useI18n();
  const texts = useTexts(securityTexts);
  const prepare = useMutation({ mutationFn: () => users.exportUserData({ userId: "me", requestId: newRequestId() }) });
  const ready = prepare.data;
  return (
    <>
      <FaultNotice error={prepare.error} />
      {ready ? (
        <p className={styles.line}>
          <a className={buttonClass({ kind: "primary" })} href={addressOf(ready.url)} download data-testid="data-download">
            <Icon name="download" />
            {texts.dataDownload}
          </a>
          <span className={styles.faint}>{texts.dataReady(format.dateTime(ready.expireTime))}</span>
        </p>
      ) : (
        <div>
          <Button icon="zip" busy={prepare.isPending} onClick={() => prepare.mutate()}>
            {texts.dataPrepare}
          </Button>
        </div>
      )}
    </>
  );
}

/** The address is told under the API, wherever that stands. */
function addressOf(url: string): string {
  return url.startsWith("/api/") || /^https?:/.test(url) ? url : `/api/v1${url}`;
}

function Deletion() {
  const texts = useTexts(securityTexts);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const remove = useGuarded({
    mutationFn: () => users.deleteUser({ userId: "me", confirmation: texts.deleteWords }),
    onSuccess: async () => {
      // The session is gone with the account; only its cookies are left.
      await logout().catch(() => undefined);
      forgetDraft();
      client.clear();
      navigate("/sign-in?deleted=1", { replace: true });
    },
  });
  return (
    <>
      <div>
        <Button kind="danger" icon="trash" onClick={() => setOpen(true)}>
          {texts.deleteOpen}
        </Button>
      </div>
      <Confirm
        open={isOpen}
        onOpenChange={setOpen}
        title={texts.deleteTitle}
        body={texts.deleteBody}
        action={texts.deleteGo}
        work={remove}
        isDisabled={typed.trim().toLowerCase() !== texts.deleteWords}
      >
        <TextField
          label={texts.deleteType(texts.deleteWords)}
          value={typed}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
        />
      </Confirm>
    </>
  );
}
