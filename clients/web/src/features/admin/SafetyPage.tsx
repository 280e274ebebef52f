import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Appeal, Appeal_State as State, type Violation, Violation_State as ViolationState } from "../../gen/covergen/safety/v1/safety_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { Segmented } from "../../ui/Segmented";
import { LoadMore } from "../../ui/LoadMore";
import { Part } from "../../ui/Part";
import { Skeleton } from "../../ui/Skeleton";
import { Table } from "../../ui/Table";
import { AdminLayout } from "./AdminLayout";
import styles from "./admin.module.css";
import { DecideDialog } from "./DecideDialog";
import { appealsQuery, violationsQuery } from "./queries";
import { adminTexts } from "./texts";

/** What was stopped, and who asks for it to be looked at again. */
export default function SafetyPage() {
  return (
    <AdminLayout>
      <Appeals />
      <Violations />
    </AdminLayout>
  );
}

function Appeals() {
  const texts = useTexts(adminTexts);
  const [which, setWhich] = useState<"open" | "all">("open");
  const list = useInfiniteQuery(appealsQuery(which === "open" ? State.OPEN : State.STATE_UNSPECIFIED));
  const [deciding, setDeciding] = useState<Appeal>();
  const appeals = list.data?.pages.flatMap((page) => page.appeals) ?? [];
  const filter = (
    <Segmented
      label={texts.show}
      labelHidden
      value={which}
      onChange={setWhich}
      options={[
        { value: "open", label: texts.open },
        { value: "all", label: texts.all },
      ]}
    />
  );
  return (
    <Part title={texts.appeals} lead={texts.appealsLead} aside={filter}>
      {list.isPending && <Skeleton height="6rem" />}
      <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isSuccess && appeals.length === 0 && <p className={styles.none}>{texts.appealsEmpty}</p>}
      <ul className={styles.appeals} data-testid="appeals">
        {appeals.map((appeal) => (
          <li key={appeal.id} className={styles.appeal}>
            <AppealCard appeal={appeal} onDecide={() => setDeciding(appeal)} />
          </li>
        ))}
      </ul>
      <LoadMore list={list} />
      {deciding && <DecideDialog appeal={deciding} onClose={() => setDeciding(undefined)} />}
    </Part>
  );
}

function AppealCard({ appeal, onDecide }: { appeal: Appeal; onDecide: () => void }) {
  const { format } = useI18n();
  const texts = useTexts(adminTexts);
  const isOpen = appeal.state === State.OPEN;
  return (
    <>
      <p className={styles.line}>
        <Badge tone={isOpen ? "warn" : "neutral"}>{texts.appealStates[State[appeal.state]] ?? State[appeal.state]}</Badge>
        {appeal.overdue && <Badge tone="danger">{texts.overdue}</Badge>}
        <span className={styles.id}>{appeal.ruleId}</span>
        <span className={styles.about}>
          {appeal.category} · {appeal.userId} · {texts.due(format.dateTime(appeal.dueTime))}
        </span>
      </p>
      <blockquote className={styles.quote}>{appeal.reason}</blockquote>
      {appeal.decisionReason && <p>{appeal.decisionReason}</p>}
      {isOpen && (
        <div>
          <Button size="small" aria-label={texts.decideNamed(appeal.id)} onClick={onDecide}>
            {texts.decide}
          </Button>
        </div>
      )}
    </>
  );
}

function Violations() {
  const { format } = useI18n();
  const texts = useTexts(adminTexts);
  const list = useInfiniteQuery(violationsQuery);
  const rows = list.data?.pages.flatMap((page) => page.violations) ?? [];
  return (
    <Part title={texts.violations} lead={texts.violationsLead}>
      {list.isPending && <Skeleton height="6rem" />}
      <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isSuccess && rows.length === 0 && <p className={styles.none}>{texts.violationsEmpty}</p>}
      {rows.length > 0 && (
        <Table
          label={texts.violations}
          testId="violations"
          rows={rows}
          rowKey={({ id }) => id}
          columns={[
            { name: texts.rule, cell: ({ ruleId, description }) => <Rule id={ruleId} description={description} /> },
            { name: texts.category, cell: ({ category, isImage }) => `${category} · ${isImage ? texts.image : texts.text}` },
            { name: texts.author, cell: ({ userId }) => <span className={styles.id}>{userId}</span> },
            { name: texts.score, isNumeric: true, cell: ({ score }) => score.toFixed(2) },
            { name: texts.state, cell: (violation) => <StateBadge violation={violation} /> },
            { name: texts.when, cell: ({ createTime }) => <span className={styles.nowrap}>{format.ago(createTime)}</span> },
          ]}
        />
      )}
      <LoadMore list={list} />
    </Part>
  );
}

function Rule({ id, description }: { id: string; description: string }) {
  return (
    <>
      <span className={styles.id}>{id}</span>
      <br />
      <span className={styles.about}>{description}</span>
    </>
  );
}

function StateBadge({ violation }: { violation: Violation }) {
  const texts = useTexts(adminTexts);
  const tone = violation.state === ViolationState.APPEALED ? "warn" : violation.state === ViolationState.OVERTURNED ? "good" : "neutral";
  return <Badge tone={tone}>{texts.violationStates[ViolationState[violation.state]] ?? ViolationState[violation.state]}</Badge>;
}
