import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { users } from "../../api/clients";
import { newRequestId } from "../../api/request_id";
import { Account_Status as Status, Tier_Kind as Tier, type User } from "../../gen/covergen/user/v1/user_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Badge, type Tone } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Confirm } from "../../ui/Confirm";
import { FaultNotice } from "../../ui/FaultNotice";
import { inputClass, TextField } from "../../ui/Field";
import { SearchField } from "../../ui/SearchField";
import { LoadMore } from "../../ui/LoadMore";
import { Part } from "../../ui/Part";
import { Skeleton } from "../../ui/Skeleton";
import { Table } from "../../ui/Table";
import { toast } from "../../ui/toast";
import { AdminLayout } from "./AdminLayout";
import styles from "./admin.module.css";
import { usersQuery } from "./queries";
import { adminTexts } from "./texts";

const TONES: Record<Status, Tone> = {
  [Status.STATUS_UNSPECIFIED]: "neutral",
  [Status.ACTIVE]: "good",
  [Status.INACTIVE]: "neutral",
  [Status.SUSPENDED]: "danger",
};

/** Everybody: found, suspended, let in again, given a tier. */
export default function UsersPage() {
  const { format } = useI18n();
  const texts = useTexts(adminTexts);
  const [query, setQuery] = useState("");
  const [status, setStatus] = useState(Status.STATUS_UNSPECIFIED);
  const list = useInfiniteQuery(usersQuery(useDeferredValue(query.trim()), status));
  const rows = list.data?.pages.flatMap((page) => page.users) ?? [];
  const names: [Status, string][] = [
    [Status.ACTIVE, texts.active],
    [Status.INACTIVE, texts.inactive],
    [Status.SUSPENDED, texts.suspended],
  ];
  const nameOf = (of: Status) => names.find(([known]) => known === of)?.[1] ?? texts.active;
  return (
    <AdminLayout>
      <Part title={texts.tabs.users}>
        <div className={styles.filters}>
          <SearchField label={texts.usersSearch} value={query} onChange={setQuery} />
          <select
            className={classes(inputClass, styles.select)}
            aria-label={texts.status}
            value={status}
            onChange={(event) => setStatus(Number(event.target.value) as Status)}
          >
            <option value={Status.STATUS_UNSPECIFIED}>{texts.statusAny}</option>
            {names.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </div>
        {list.isPending && <Skeleton height="12rem" />}
        <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
        {list.isSuccess && rows.length === 0 && <p className={styles.none}>{texts.usersEmpty}</p>}
        {rows.length > 0 && (
          <Table
            label={texts.tabs.users}
            testId="users"
            rows={rows}
            rowKey={({ id }) => id}
            columns={[
              { name: texts.user, cell: (user) => <Who user={user} /> },
              { name: texts.tier, cell: (user) => <TierSelect user={user} /> },
              { name: texts.status, cell: (user) => <Badge tone={TONES[user.status]}>{nameOf(user.status)}</Badge> },
              { name: texts.joined, cell: ({ createTime }) => <span className={styles.nowrap}>{format.date(createTime)}</span> },
              { name: texts.actions, cell: (user) => <Door user={user} /> },
            ]}
          />
        )}
        <LoadMore list={list} />
      </Part>
    </AdminLayout>
  );
}

function Who({ user }: { user: User }) {
  return (
    <>
      <strong>{user.displayName}</strong>
      <br />
      <span className={styles.about}>{user.email}</span>
      <br />
      <span className={classes(styles.id, styles.about)}>{user.id}</span>
    </>
  );
}

function TierSelect({ user }: { user: User }) {
  const { t } = useI18n();
  const texts = useTexts(adminTexts);
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (tier: Tier) => users.setTier({ userId: user.id, tier, requestId: newRequestId() }),
    onSuccess: () => {
      toast({ text: texts.tierChanged });
      return client.invalidateQueries({ queryKey: ["admin", "users"] });
    },
  });
  return (
    <>
      <select
        className={classes(inputClass, styles.select)}
        aria-label={texts.tierOf(user.displayName)}
        value={change.isPending ? change.variables : user.tier || Tier.FREE}
        onChange={(event) => change.mutate(Number(event.target.value) as Tier)}
      >
        <option value={Tier.FREE}>{t.tiers.free}</option>
        <option value={Tier.PRO}>{t.tiers.pro}</option>
        <option value={Tier.PRO_PLUS}>{t.tiers.proPlus}</option>
      </select>
      <FaultNotice error={change.error} />
    </>
  );
}

function Door({ user }: { user: User }) {
  const texts = useTexts(adminTexts);
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const done = () => {
    setAsking(false);
    return client.invalidateQueries({ queryKey: ["admin", "users"] });
  };
  const suspend = useMutation({
    mutationFn: () => users.suspendUser({ userId: user.id, reason: reason.trim(), requestId: newRequestId() }),
    onSuccess: done,
  });
  const reinstate = useMutation({
    mutationFn: () => users.reinstateUser({ userId: user.id, requestId: newRequestId() }),
    onSuccess: done,
  });
  if (user.status === Status.SUSPENDED) {
    return (
      <>
        <Button size="small" aria-label={texts.reinstateNamed(user.displayName)} busy={reinstate.isPending} onClick={() => reinstate.mutate()}>
          {texts.reinstate}
        </Button>
        <FaultNotice error={reinstate.error} />
      </>
    );
  }
  return (
    <>
      <Button size="small" kind="danger" aria-label={texts.suspendNamed(user.displayName)} onClick={() => setAsking(true)}>
        {texts.suspend}
      </Button>
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title={texts.suspendTitle}
        body={texts.suspendBody(user.displayName)}
        action={texts.suspend}
        work={suspend}
        isDisabled={reason.trim() === ""}
      >
        <TextField label={texts.suspendReason} value={reason} maxLength={400} onChange={(event) => setReason(event.target.value)} />
      </Confirm>
    </>
  );
}
