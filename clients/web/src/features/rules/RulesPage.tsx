import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Rule, Rule_Mode as Mode } from "../../gen/covergen/safety/v1/safety_pb";
import { useTexts } from "../../i18n/texts";
import { useI18n } from "../../i18n";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { LoadMore } from "../../ui/LoadMore";
import { Part } from "../../ui/Part";
import { Segmented } from "../../ui/Segmented";
import { Skeleton } from "../../ui/Skeleton";
import { Table } from "../../ui/Table";
import { AdminLayout } from "../admin/AdminLayout";
import admin from "../admin/admin.module.css";
import { rulesQuery } from "./queries";
import { Retire } from "./Retire";
import { RuleDialog } from "./RuleDialog";
import styles from "./rules.module.css";
import { ShadowDialog } from "./ShadowDialog";
import { rulesTexts } from "./texts";
import { TryText } from "./TryText";
import { VersionsDialog } from "./VersionsDialog";

type Standing = "enforced" | "shadow" | "retired";
type Open = { what: "new" } | { what: "edit" | "versions" | "shadow" | "retire"; rule: Rule };

/** How a rule stands. */
function standing({ retired, mode }: Rule): Standing {
  if (retired) return "retired";
  return mode === Mode.ENFORCED ? "enforced" : "shadow";
}

/** What may not stand on a cover, and how each rule came to be so. */
export default function RulesPage() {
  return (
    <AdminLayout>
      <TryText />
      <Rules />
    </AdminLayout>
  );
}

function Rules() {
  const texts = useTexts(rulesTexts);
  const list = useInfiniteQuery(rulesQuery);
  const [shown, setShown] = useState<Standing | "all">("all");
  const [open, setOpen] = useState<Open>();
  const all = list.data?.pages.flatMap((page) => page.rules) ?? [];
  const rows = all.filter((rule) => shown === "all" || standing(rule) === shown);
  const close = () => setOpen(undefined);
  const add = (
    <Button kind="primary" icon="plus" onClick={() => setOpen({ what: "new" })}>
      {texts.add}
    </Button>
  );
  return (
    <Part title={texts.title} lead={texts.lead} aside={add}>
      <Segmented
        label={texts.filter}
        labelHidden
        value={shown}
        onChange={setShown}
        options={(["all", "enforced", "shadow", "retired"] as const).map((value) => ({ value, label: texts.filters[value] }))}
      />
      {list.isPending && <Skeleton height="12rem" />}
      <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isSuccess && rows.length === 0 && <p className={admin.none}>{texts.empty}</p>}
      {rows.length > 0 && <RulesTable rows={rows} onOpen={setOpen} />}
      <LoadMore list={list} />
      {open?.what === "new" && <RuleDialog onClose={close} />}
      {open?.what === "edit" && <RuleDialog rule={open.rule} onClose={close} />}
      {open?.what === "versions" && <VersionsDialog ruleId={open.rule.id} onClose={close} />}
      {open?.what === "shadow" && <ShadowDialog ruleId={open.rule.id} onClose={close} />}
      {open?.what === "retire" && <Retire ruleId={open.rule.id} onClose={close} />}
    </Part>
  );
}

function RulesTable({ rows, onOpen }: { rows: Rule[]; onOpen: (open: Open) => void }) {
  const texts = useTexts(rulesTexts);
  return (
    <Table
      label={texts.title}
      testId="rules"
      rows={rows}
      rowKey={({ id }) => id}
      columns={[
        {
          name: texts.rule,
          cell: ({ id, description }) => (
            <div className={styles.rule}>
              <span className={admin.id}>{id}</span>
              <p className={admin.about}>{description}</p>
            </div>
          ),
        },
        { name: texts.category, cell: ({ category }) => category },
        { name: texts.where, cell: ({ region }) => (region === "*" ? texts.everywhere : region) },
        { name: texts.score, isNumeric: true, cell: ({ score }) => score.toFixed(2) },
        { name: texts.mode, cell: (rule) => <StandingBadge rule={rule} /> },
        { name: texts.version, isNumeric: true, cell: ({ version }) => version },
        { name: texts.actions, cell: (rule) => <Actions rule={rule} onOpen={onOpen} /> },
      ]}
    />
  );
}

function StandingBadge({ rule }: { rule: Rule }) {
  const texts = useTexts(rulesTexts);
  const now = standing(rule);
  return <Badge tone={({ enforced: "good", shadow: "warn", retired: "neutral" } as const)[now]}>{texts[now]}</Badge>;
}

function Actions({ rule, onOpen }: { rule: Rule; onOpen: (open: Open) => void }) {
  const { t } = useI18n();
  const texts = useTexts(rulesTexts);
  const now = standing(rule);
  return (
    <div className={styles.actions}>
      <Button size="small" aria-label={texts.editNamed(rule.id)} onClick={() => onOpen({ what: "edit", rule })}>
        {t.common.edit}
      </Button>
      <Button size="small" aria-label={texts.versionsNamed(rule.id)} onClick={() => onOpen({ what: "versions", rule })}>
        {texts.versions}
      </Button>
      {now === "shadow" && (
        <Button size="small" aria-label={texts.shadowNamed(rule.id)} onClick={() => onOpen({ what: "shadow", rule })}>
          {texts.shadowOpen}
        </Button>
      )}
      {now !== "retired" && (
        <Button size="small" kind="danger" aria-label={texts.retireNamed(rule.id)} onClick={() => onOpen({ what: "retire", rule })}>
          {texts.retire}
        </Button>
      )}
    </div>
  );
}
