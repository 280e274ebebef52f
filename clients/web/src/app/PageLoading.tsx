import { useI18n } from "../i18n";
import styles from "./PageLoading.module.css";

/** Stands where a page will be, and keeps still unless it takes long. */
export function PageLoading() {
  const { t } = useI18n();
  return (
    <div className={styles.loading} role="status">
      <span className={styles.bar} aria-hidden="true" />
      <span className="hidden">{t.common.loading}</span>
    </div>
  );
}
