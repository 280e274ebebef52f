import { useQuery } from "@tanstack/react-query";
import { quotaQuery } from "../../api/queries";
import { Tier_Kind as Tier } from "../../gen/covergen/user/v1/user_pb";
import { useI18n } from "../../i18n";
import { Skeleton } from "../../ui/Skeleton";
import { QuotaBar } from "../quota/QuotaMeter";
import styles from "./Plan.module.css";

/** The plan and what is left of it. */
export function Plan() {
  const { t, format } = useI18n();
  const quota = useQuery(quotaQuery).data;
  if (!quota) return <Skeleton height="5rem" />;
  const { limit, remaining, reserved, resetsAt } = quota;
  const names = { [Tier.KIND_UNSPECIFIED]: t.tiers.free, [Tier.FREE]: t.tiers.free, [Tier.PRO]: t.tiers.pro, [Tier.PRO_PLUS]: t.tiers.proPlus };
  return (
    <div className={styles.plan}>
      <p className={styles.tier}>{names[quota.tier]}</p>
      <QuotaBar used={limit - remaining} limit={limit} isLow={remaining <= Math.max(2, limit * 0.1)} />
      <p className={styles.words}>
        <span>{t.quota.left(remaining, limit)}</span>
        {reserved > 0 && <span>{t.quota.reserved(reserved)}</span>}
        <span>{t.quota.resets(format.date(resetsAt))}</span>
      </p>
    </div>
  );
}
