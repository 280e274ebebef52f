import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { JournalEntry_State as StepState, type Task, Task_State as State } from "../../gen/covergen/task/v1/task_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Badge, type Tone } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Dialog } from "../../ui/Dialog";
import { FaultNotice } from "../../ui/FaultNotice";
import { inputClass } from "../../ui/Field";
import { LoadMore } from "../../ui/LoadMore";
import { Part } from "../../ui/Part";
import { Skeleton } from "../../ui/Skeleton";
import { Table } from "../../ui/Table";
import styles from "./admin.module.css";
import { sagaQuery, tasksQuery } from "./queries";
import { adminTexts } from "./texts";

const TONES: Record<State, Tone> = {
  [State.STATE_UNSPECIFIED]: "neutral",
  [State.PENDING]: "neutral",
  [State.RUNNING]: "warn",
  [State.SUCCEEDED]: "good",
  [State.FAILED]: "danger",
  [State.CANCELLED]: "neutral",
};
const STATES = [State.PENDING, State.RUNNING, State.SUCCEEDED, State.FAILED, State.CANCELLED];

/** Every task, and the journal of each. */
export function Tasks() {
  const { format } = useI18n();
  const texts = useTexts(adminTexts);
  const [state, setState] = useState(State.STATE_UNSPECIFIED);
  const [shown, setShown] = useState<string>();
  const list = useInfiniteQuery(tasksQuery(state));
  const rows = list.data?.pages.flatMap((page) => page.tasks) ?? [];
  const nameOf = (of: State) => texts.taskStates[State[of]] ?? State[of];
  const filter = (
    <select
      className={classes(inputClass, styles.select)}
      aria-label={texts.stateFilter}
      value={state}
      onChange={(event) => setState(Number(event.target.value) as State)}
    >
      <option value={State.STATE_UNSPECIFIED}>{texts.stateAny}</option>
      {STATES.map((each) => (
        <option key={each} value={each}>
          {nameOf(each)}
        </option>
      ))}
    </select>
  );
  return (
    <Part title={texts.sagas} lead={texts.sagasLead} aside={filter}>
      {list.isPending && <Skeleton height="8rem" />}
      <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isSuccess && rows.length === 0 && <p className={styles.none}>{texts.sagasEmpty}</p>}
      {rows.length > 0 && (
        <Table
          label={texts.sagas}
          testId="tasks"
          rows={rows}
          rowKey={({ id }) => id}
          columns={[
            { name: texts.task, cell: ({ id }) => <span className={styles.id}>{id}</span> },
            { name: texts.kind, cell: ({ kind }) => <span className={styles.id}>{kind}</span> },
            { name: texts.state, cell: (task: Task) => <Badge tone={TONES[task.state]}>{nameOf(task.state)}</Badge> },
            { name: texts.stage, cell: ({ stage }) => stage },
            { name: texts.progress, isNumeric: true, cell: ({ progressPercent }) => `${progressPercent} %` },
            { name: texts.since, cell: ({ updateTime }) => <span className={styles.nowrap}>{format.ago(updateTime)}</span> },
            {
              name: texts.journal,
              cell: ({ id }) => (
                <Button size="small" aria-label={texts.journalNamed(id)} onClick={() => setShown(id)}>
                  {texts.journal}
                </Button>
              ),
            },
          ]}
        />
      )}
      <LoadMore list={list} />
      {shown && <Journal taskId={shown} onClose={() => setShown(undefined)} />}
    </Part>
  );
}

function Journal({ taskId, onClose }: { taskId: string; onClose: () => void }) {
  const { format } = useI18n();
  const texts = useTexts(adminTexts);
  const saga = useQuery(sagaQuery(taskId));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={texts.journal} description={taskId}>
      {saga.isPending && <Skeleton height="6rem" />}
      <FaultNotice error={saga.error} onRetry={() => void saga.refetch()} />
      {saga.data && (
        <>
          <p>{saga.data.pivoted ? texts.pivoted : texts.notPivoted}</p>
          {saga.data.worker && <p className={styles.about}>{texts.worker(saga.data.worker)}</p>}
          {saga.data.steps.length === 0 ? (
            <p className={styles.none}>{texts.journalEmpty}</p>
          ) : (
            <Table
              label={texts.journal}
              testId="journal"
              rows={saga.data.steps}
              rowKey={({ step }) => step}
              columns={[
                { name: texts.step, cell: ({ step }) => <span className={styles.id}>{step}</span> },
                { name: texts.state, cell: (step) => texts.journalStates[StepState[step.state]] ?? StepState[step.state] },
                { name: texts.changed, cell: ({ updateTime }) => format.dateTime(updateTime) },
              ]}
            />
          )}
        </>
      )}
    </Dialog>
  );
}
