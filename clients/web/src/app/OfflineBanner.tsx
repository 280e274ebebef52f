import { useSyncExternalStore } from "react";
import { useI18n } from "../i18n";
import { Icon } from "../ui/Icon";
import styles from "./OfflineBanner.module.css";

function subscribe(changed: () => void): () => void {
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
}

/** Says that the connection is gone, for as long as it is. */
export function OfflineBanner() {
  const { t } = useI18n();
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <div role="status" className={styles.place}>
      {!isOnline && (
        <p className={styles.banner} data-banner>
          <Icon name="offline" />
          {t.offline}
        </p>
      )}
    </div>
  );
}
