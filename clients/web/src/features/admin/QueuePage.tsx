import { useQuery } from "@tanstack/react-query";
import type { KindStats } from "../../gen/covergen/task/v1/task_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { classes } from "../../ui/classes";
import { FaultNotice } from "../../ui/FaultNotice";
import { Part } from "../../ui/Part";
import { Skeleton } from "../../ui/Skeleton";
import { Table } from "../../ui/Table";
import { AdminLayout } from "./AdminLayout";
import styles from "./admin.module.css";
import { DeadLetters } from "./DeadLetters";
import { queueQuery } from "./queries";
import { Tasks } from "./Tasks";
import { adminTexts } from "./texts";

/** The queue, what gave up, and every task with its saga. */
export default function QueuePage() {
  return (
    <AdminLayout>
      <Queue />
      <DeadLetters />
      <Tasks />
    </AdminLayout>
  );
}

function Queue() {
  const { format } = useI18n();
  const texts = useTexts(adminTexts);
  const queue = useQuery(queueQuery);
  const sum = (pick: (kind: KindStats) => number) => (queue.data ?? []).reduce((total, kind) => total + pick(kind), 0);
  const tiles: [string, number, boolean][] = [
    [texts.pending, sum(({ pending }) => pending), false],
    [texts.running, sum(({ running }) => running), false],
    [texts.succeeded, sum(({ succeeded }) => succeeded), false],
    [texts.failed, sum(({ failed }) => failed), false],
    [texts.operator, sum(({ needsOperator }) => needsOperator), sum(({ needsOperator }) => needsOperator) > 0],
  ];
  return (
    <Part title={texts.queue} lead={texts.updated}>
      {queue.isPending && <Skeleton height="8rem" />}
      <FaultNotice error={queue.error} onRetry={() => void queue.refetch()} />
      {queue.data && (
        <>
          <div className={styles.tiles} data-testid="queue">
            {tiles.map(([name, value, isAlarm]) => (
              <div key={name} className={classes(styles.tile, isAlarm && styles.alarm)}>
                <span className={styles.figure}>{format.number(value)}</span>
                <span className={styles.caption}>{name}</span>
              </div>
            ))}
          </div>
          {queue.data.length === 0 ? (
            <p className={styles.none}>{texts.queueEmpty}</p>
          ) : (
            <Table
              label={texts.queue}
              rows={queue.data}
              rowKey={({ kind }) => kind}
              columns={[
                { name: texts.kind, cell: ({ kind }) => <span className={styles.id}>{kind}</span> },
                { name: texts.pending, isNumeric: true, cell: ({ pending }) => format.number(pending) },
                { name: texts.running, isNumeric: true, cell: ({ running }) => format.number(running) },
                { name: texts.succeeded, isNumeric: true, cell: ({ succeeded }) => format.number(succeeded) },
                { name: texts.failed, isNumeric: true, cell: ({ failed }) => format.number(failed) },
                { name: texts.cancelled, isNumeric: true, cell: ({ cancelled }) => format.number(cancelled) },
                { name: texts.operator, isNumeric: true, cell: ({ needsOperator }) => format.number(needsOperator) },
                { name: texts.oldest, isNumeric: true, cell: ({ oldestPendingMs }) => `${(Number(oldestPendingMs) / 1000).toFixed(1)} s` },
              ]}
            />
          )}
        </>
      )}
    </Part>
  );
}
