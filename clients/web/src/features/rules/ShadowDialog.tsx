import { useInfiniteQuery } from "@tanstack/react-query";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Badge } from "../../ui/Badge";
import { Dialog } from "../../ui/Dialog";
import { FaultNotice } from "../../ui/FaultNotice";
import { LoadMore } from "../../ui/LoadMore";
import { Skeleton } from "../../ui/Skeleton";
import { Table } from "../../ui/Table";
import admin from "../admin/admin.module.css";
import { shadowMatchesQuery } from "./queries";
import { rulesTexts } from "./texts";

/** What a rule would have stopped, had it been in force. */
export function ShadowDialog({ ruleId, onClose }: { ruleId: string; onClose: () => void }) {
  const { format } = useI18n();
  const texts = useTexts(rulesTexts);
  const list = useInfiniteQuery(shadowMatchesQuery(ruleId));
  const rows = list.data?.pages.flatMap((page) => page.matches) ?? [];
  return (
    <Dialog open wide onOpenChange={(open) => !open && onClose()} title={texts.shadowNamed(ruleId)} description={texts.shadowLead}>
      <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isPending && <Skeleton height="6rem" />}
      {list.isSuccess && rows.length === 0 && <p className={admin.none}>{texts.shadowEmpty}</p>}
      {rows.length > 0 && (
        <Table
          label={texts.shadowNamed(ruleId)}
          testId="shadow-matches"
          rows={rows}
          rowKey={({ id }) => id}
          columns={[
            { name: texts.subject, cell: ({ subject }) => <span className={admin.id}>{subject}</span> },
            { name: texts.version, isNumeric: true, cell: ({ ruleVersion }) => ruleVersion },
            { name: texts.span, isNumeric: true, cell: ({ start, end }) => `${start + 1}–${end}` },
            { name: texts.mode, cell: ({ flaggedAnyway }) => <Badge tone={flaggedAnyway ? "warn" : "neutral"}>{flaggedAnyway ? texts.flaggedAnyway : texts.passed}</Badge> },
            { name: texts.when, cell: ({ createTime }) => <span className={admin.nowrap}>{format.ago(createTime)}</span> },
          ]}
        />
      )}
      <LoadMore list={list} />
    </Dialog>
  );
}
