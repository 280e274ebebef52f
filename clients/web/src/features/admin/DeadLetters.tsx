import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { tasks } from "../../api/clients_admin";
import { newRequestId } from "../../api/request_id";
import type { Task } from "../../gen/covergen/task/v1/task_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { LoadMore } from "../../ui/LoadMore";
import { Part } from "../../ui/Part";
import { Skeleton } from "../../ui/Skeleton";
import { Table } from "../../ui/Table";
import { toast } from "../../ui/toast";
import styles from "./admin.module.css";
import { deadLettersQuery } from "./queries";
import { adminTexts } from "./texts";

/** Tasks that gave up, each with a way to run it again. */
export function DeadLetters() {
  const { format } = useI18n();
  const texts = useTexts(adminTexts);
  const list = useInfiniteQuery(deadLettersQuery);
  const rows = list.data?.pages.flatMap((page) => page.tasks) ?? [];
  return (
    <Part title={texts.deadLetters} lead={texts.deadLettersLead}>
      {list.isPending && <Skeleton height="4rem" />}
      <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isSuccess && rows.length === 0 && <p className={styles.none}>{texts.deadLettersEmpty}</p>}
      {rows.length > 0 && (
        <Table
          label={texts.deadLetters}
          testId="dead-letters"
          rows={rows}
          rowKey={({ id }) => id}
          columns={[
            { name: texts.task, cell: ({ id }) => <span className={styles.id}>{id}</span> },
            { name: texts.kind, cell: ({ kind }) => <span className={styles.id}>{kind}</span> },
            { name: texts.reason, cell: ({ error }) => [error?.reason, error?.message].filter(Boolean).join(": ") },
            { name: texts.attempts, isNumeric: true, cell: ({ attempt }) => attempt },
            { name: texts.since, cell: ({ updateTime }) => <span className={styles.nowrap}>{format.ago(updateTime)}</span> },
            { name: texts.actions, cell: (task) => <Replay task={task} /> },
          ]}
        />
      )}
      <LoadMore list={list} />
    </Part>
  );
}

function Replay({ task }: { task: Task }) {
  const texts = useTexts(adminTexts);
  const client = useQueryClient();
  const replay = useMutation({
    mutationFn: () => tasks.retryTask({ taskId: task.id, requestId: newRequestId() }),
    onSuccess: () => {
      toast({ text: texts.replayed });
      return client.invalidateQueries({ queryKey: ["admin"] });
    },
  });
  return (
    <>
      <Button size="small" icon="refresh" aria-label={texts.replayNamed(task.id)} busy={replay.isPending} onClick={() => replay.mutate()}>
        {texts.replay}
      </Button>
      <FaultNotice error={replay.error} />
    </>
  );
}
