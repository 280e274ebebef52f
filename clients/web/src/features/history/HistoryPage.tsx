import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { users } from "../../api/clients";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { buttonClass } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { FaultNotice } from "../../ui/FaultNotice";
import { LoadMore } from "../../ui/LoadMore";
import { Part } from "../../ui/Part";
import { Skeleton } from "../../ui/Skeleton";
import { AccountLayout } from "../account/AccountLayout";
import { Entry } from "./Entry";
import styles from "./history.module.css";
import { historyTexts } from "./texts";

const PAGE = 20;

/** Everything that became of the user's work, page by page. */
export default function HistoryPage() {
  const { t } = useI18n();
  const texts = useTexts(historyTexts);
  const list = useInfiniteQuery({
    queryKey: ["history"],
    queryFn: ({ pageParam, signal }) => users.getHistory({ userId: "me", pageSize: PAGE, pageToken: pageParam }, { signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextPageToken || undefined,
    // Whoever opens it wants to see what happened just now.
    staleTime: 0,
  });
  const entries = list.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <AccountLayout>
      <Part title={texts.title} lead={texts.lead}>
        {list.isPending && (
          <div role="status">
            <span className="hidden">{t.common.loading}</span>
            <Skeleton height="16rem" />
          </div>
        )}
        <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
        {list.isSuccess && entries.length === 0 && (
          <Empty
            title={texts.emptyTitle}
            body={texts.emptyBody}
            action={
              <Link href="/" className={buttonClass({ kind: "primary" })}>
                {texts.emptyAction}
              </Link>
            }
          />
        )}
        <ol className={styles.entries} data-testid="account-history">
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ol>
        {entries.length > 0 && !list.hasNextPage && <p className={styles.end}>{texts.end}</p>}
        <LoadMore list={list} />
      </Part>
    </AccountLayout>
  );
}
