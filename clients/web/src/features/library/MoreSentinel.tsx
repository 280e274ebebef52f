import { useEffect, useRef } from "react";
import { useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import styles from "./MoreSentinel.module.css";

interface Props {
  hasMore: boolean;
  isLoading: boolean;
  onMore: () => void;
}

/** The end of a list that goes on: loads more when it comes into view. The
    button does the same for those who do not scroll. */
export function MoreSentinel({ hasMore, isLoading, onMore }: Props) {
  const { t } = useI18n();
  const end = useRef<HTMLDivElement>(null);
  const latest = useRef(onMore);
  latest.current = onMore;

  useEffect(() => {
    if (!hasMore || isLoading || !end.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) latest.current();
      },
      { rootMargin: "600px" },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [hasMore, isLoading]);

  return (
    <div ref={end} className={styles.end}>
      {hasMore ? (
        <Button busy={isLoading} onClick={onMore}>
          {isLoading ? t.common.loading : t.common.loadMore}
        </Button>
      ) : (
        <p>{t.library.end}</p>
      )}
    </div>
  );
}
