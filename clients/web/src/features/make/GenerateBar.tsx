import type { Template } from "../../gen/covergen/template/v1/template_pb";
import { type Quota, Tier_Kind as Tier } from "../../gen/covergen/user/v1/user_pb";
import { useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { changeDraft, type Draft } from "./draft";
import styles from "./GenerateBar.module.css";

interface Props {
  draft: Draft;
  quota: Quota | undefined;
  /** The chosen template, where the plan does not hold it. */
  locked: Template | undefined;
  isRunning: boolean;
}

/** What it will cost, what stands in the way, and the button. */
export function GenerateBar({ draft, quota, locked, isRunning }: Props) {
  const { t } = useI18n();
  const files = draft.sizes.length * draft.formats.length * draft.variants;
  const hasTooFew = quota !== undefined && quota.remaining < draft.variants;
  const isBlocked = locked !== undefined || hasTooFew;
  return (
    <div className={styles.bar}>
      {locked ? <Premium template={locked} /> : hasTooFew && !isRunning && <TooFew quota={quota} />}
      <p className={styles.cost}>
        <span>
          {t.make.cost(draft.variants)} · {t.make.files(files)}
        </span>
        <span className={styles.note}>{quota?.tier === Tier.FREE ? t.make.mark : t.make.shortcut}</span>
      </p>
      <Button type="submit" kind="primary" size="large" wide busy={isRunning} disabled={isBlocked && !isRunning} title={t.make.shortcut}>
        {isRunning ? t.make.generating : t.make.generate}
      </Button>
    </div>
  );
}

function Premium({ template }: { template: Template }) {
  const { t } = useI18n();
  const name = t.names.templates[template.id] ?? template.name;
  return (
    <Notice
      tone="warn"
      icon="star"
      title={t.make.premiumTitle(name)}
      action={
        // No template chosen means that the gallery's first free one is.
        <Button size="small" onClick={() => changeDraft({ templateId: "", paletteId: "" })}>
          {t.make.premiumAction}
        </Button>
      }
    >
      {t.make.premiumBody}
    </Notice>
  );
}

function TooFew({ quota }: { quota: Quota }) {
  const { t, format } = useI18n();
  if (quota.remaining > 0) return <Notice tone="warn">{t.quota.tooFew(quota.remaining)}</Notice>;
  return (
    <Notice tone="warn" title={t.quota.exhaustedTitle}>
      {t.quota.exhaustedBody(format.date(quota.resetsAt))}
    </Notice>
  );
}
