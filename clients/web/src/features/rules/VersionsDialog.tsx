import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { safety } from "../../api/clients_admin";
import { newRequestId } from "../../api/request_id";
import { type Rule, Rule_Mode as Mode } from "../../gen/covergen/safety/v1/safety_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { FaultNotice } from "../../ui/FaultNotice";
import { LoadMore } from "../../ui/LoadMore";
import { Skeleton } from "../../ui/Skeleton";
import { toast } from "../../ui/toast";
import admin from "../admin/admin.module.css";
import { rulesQuery, ruleVersionsQuery } from "./queries";
import styles from "./rules.module.css";
import { rulesTexts } from "./texts";

/** How a rule came to be as it is, and a way back. */
export function VersionsDialog({ ruleId, onClose }: { ruleId: string; onClose: () => void }) {
  const texts = useTexts(rulesTexts);
  const client = useQueryClient();
  const list = useInfiniteQuery(ruleVersionsQuery(ruleId));
  const versions = list.data?.pages.flatMap((page) => page.rules) ?? [];
  const back = useMutation({
    mutationFn: (version: number) => safety.rollbackRule({ ruleId, version, requestId: newRequestId() }),
    onSuccess: (rule) => {
      toast({ text: texts.rolledBack(rule.restoredFrom, rule.version) });
      return client.invalidateQueries({ queryKey: rulesQuery.queryKey });
    },
  });
  return (
    <Dialog open wide onOpenChange={(open) => !open && onClose()} title={texts.versionsNamed(ruleId)} description={texts.versionsLead}>
      <FaultNotice error={list.error ?? back.error} onRetry={list.error ? () => void list.refetch() : undefined} />
      {list.isPending && <Skeleton height="8rem" />}
      <ol className={styles.versions} data-testid="rule-versions">
        {versions.map((version) => (
          <li key={version.version} className={styles.version}>
            <Version rule={version} busy={back.isPending && back.variables === version.version} onBack={() => back.mutate(version.version)} />
          </li>
        ))}
      </ol>
      <LoadMore list={list} />
    </Dialog>
  );
}

function Version({ rule, busy, onBack }: { rule: Rule; busy: boolean; onBack: () => void }) {
  const { format } = useI18n();
  const texts = useTexts(rulesTexts);
  const isEnforced = rule.mode === Mode.ENFORCED;
  const facts = [texts.phrases(rule.patterns.length), `${texts.score} ${rule.score.toFixed(2)}`, rule.restoredFrom > 0 && texts.restoredFrom(rule.restoredFrom)];
  return (
    <>
      <div className={styles.facts}>
        <p className={admin.line}>
          <strong>{`${texts.version} ${rule.version}`}</strong>
          {rule.current && <Badge tone="good">{texts.current}</Badge>}
          <Badge tone={rule.retired ? "neutral" : isEnforced ? "good" : "warn"}>{rule.retired ? texts.retired : isEnforced ? texts.enforced : texts.shadow}</Badge>
        </p>
        <p>{rule.description}</p>
        <p className={admin.about}>{facts.filter(Boolean).join(" · ")}</p>
        {rule.note && <p className={admin.quote}>{rule.note}</p>}
        <p className={admin.about}>
          {format.dateTime(rule.createTime)} · {rule.authorId ? texts.by(rule.authorId) : texts.bundled}
        </p>
      </div>
      {!rule.current && (
        <Button size="small" aria-label={texts.rollbackNamed(rule.version)} busy={busy} onClick={onBack}>
          {texts.rollback}
        </Button>
      )}
    </>
  );
}
