import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { auth } from "../../api/clients";
import { toFault } from "../../api/fault";
import { sessionsQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import type { Session } from "../../gen/covergen/auth/v1/auth_pb";
import { sentenceFor, useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { announce } from "../../ui/live";
import { LoadMore } from "../../ui/LoadMore";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { deviceOf } from "./device";
import styles from "./Sessions.module.css";

/** Where the user is signed in. */
export function Sessions() {
  const { t, language } = useI18n();
  const list = useInfiniteQuery(sessionsQuery);
  const sessions = list.data?.pages.flatMap((page) => page.sessions) ?? [];
  if (list.isPending) return <Skeleton height="8rem" />;
  return (
    <>
      {list.error && <Notice tone="danger">{sentenceFor(toFault(list.error), { t, language })}</Notice>}
      <ul className={styles.list}>
        {sessions.map((session) => (
          <Row key={session.id} session={session} />
        ))}
      </ul>
      <LoadMore list={list} />
    </>
  );
}

function Row({ session }: { session: Session }) {
  const { t, format } = useI18n();
  const [isAsking, setAsking] = useState(false);
  const device = deviceOf(session.userAgent);
  const name = device ? t.account.device(device.browser, device.system) : t.account.unknownDevice;
  return (
    <li className={styles.row}>
      <Icon name={device?.isPhone ? "phone" : "laptop"} size={22} />
      <div className={styles.text}>
        <p className={styles.name}>
          {name}
          {session.current && <span className={styles.current}>{t.account.thisDevice}</span>}
        </p>
        <p className={styles.about}>
          {[session.ipAddress, t.account.lastSeen(format.ago(session.lastSeenTime)), t.account.since(format.date(session.createTime))]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      {!session.current && (
        <Button size="small" kind="danger" aria-label={t.account.revokeNamed(name)} onClick={() => setAsking(true)}>
          {t.account.revoke}
        </Button>
      )}
      <Revoke session={session} name={name} open={isAsking} onOpenChange={setAsking} />
    </li>
  );
}

interface RevokeProps {
  session: Session;
  name: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

function Revoke({ session, name, open, onOpenChange }: RevokeProps) {
  const { t, language } = useI18n();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => auth.revokeSession({ sessionId: session.id, requestId: newRequestId() }),
    onSuccess: () => {
      onOpenChange(false);
      announce(t.account.revoked);
      return client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t.account.revokeTitle} description={t.account.revokeBody(name)} role="alertdialog">
      {revoke.error && <Notice tone="danger">{sentenceFor(toFault(revoke.error), { t, language })}</Notice>}
      <div className={styles.actions}>
        <Button onClick={() => onOpenChange(false)}>{t.common.cancel}</Button>
        <Button kind="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>
          {t.account.revoke}
        </Button>
      </div>
    </Dialog>
  );
}
