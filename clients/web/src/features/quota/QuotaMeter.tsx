import { useQuery } from "@tanstack/react-query";
import { quotaQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { classes } from "../../ui/classes";
import styles from "./QuotaMeter.module.css";

/** What is left of the month, small enough to be always in sight. */
export function QuotaMeter() {
  const { t, format } = useI18n();
  const quota = useQuery(quotaQuery).data;
  if (!quota) return null;
  const { limit, remaining, resetsAt } = quota;
  const left = t.quota.left(remaining, limit);
  const isLow = remaining <= Math.max(2, limit * 0.1);
  return (
    <div className={styles.quota} title={`${t.quota.label}: ${left}. ${t.quota.resets(format.date(resetsAt))}`}>
      <QuotaBar used={limit - remaining} limit={limit} isLow={isLow} />
      <span className={styles.wide} data-testid="quota">
        {left}
      </span>
      <span className={styles.narrow}>{t.quota.short(remaining)}</span>
    </div>
  );
}

/** The meter itself; what it shows always stands beside it in words. */
export function QuotaBar({ used, limit, isLow }: { used: number; limit: number; isLow: boolean }) {
  const share = limit > 0 ? Math.min(100, (used / limit) * 100) : 100;
  return (
    <svg className={classes(styles.bar, isLow && styles.low)} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect width="100" height="6" className={styles.rest} />
      <rect width={share} height="6" className={styles.used} />
    </svg>
  );
}
