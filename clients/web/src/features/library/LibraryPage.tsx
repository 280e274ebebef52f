import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { toFault } from "../../api/fault";
import { coversQuery } from "../../api/queries";
import { usePageTitle } from "../../app/title";
import { sentenceFor, useI18n } from "../../i18n";
import { Button, buttonClass } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { CoverCard } from "./CoverCard";
import styles from "./LibraryPage.module.css";
import { MoreSentinel } from "./MoreSentinel";

/** Everything the user has made, newest first. */
export default function LibraryPage() {
  const { t, language } = useI18n();
  usePageTitle(t.library.pageTitle);
  const list = useInfiniteQuery(coversQuery);
  const covers = list.data?.pages.flatMap((page) => page.covers) ?? [];

  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{t.library.pageTitle}</h1>
        {covers.length > 0 && (
          <Link href="/" className={buttonClass({ kind: "primary" })}>
            {t.nav.make}
          </Link>
        )}
      </div>
      {list.isPending && <Blanks />}
      {list.error && (
        <Notice
          tone="danger"
          action={
            <Button size="small" onClick={() => void list.refetch()}>
              {t.common.retry}
            </Button>
          }
        >
          {sentenceFor(toFault(list.error), { t, language })}
        </Notice>
      )}
      {list.isSuccess && covers.length === 0 && (
        <Empty
          title={t.library.emptyTitle}
          body={t.library.emptyBody}
          action={
            <Link href="/" className={buttonClass({ kind: "primary" })}>
              {t.library.emptyAction}
            </Link>
          }
        />
      )}
      <ul className={styles.grid} data-testid="covers">
        {covers.map((cover) => (
          <li key={cover.id}>
            <CoverCard cover={cover} />
          </li>
        ))}
      </ul>
      {covers.length > 0 && (
        <MoreSentinel
          hasMore={list.hasNextPage}
          isLoading={list.isFetchingNextPage}
          onMore={() => void list.fetchNextPage()}
        />
      )}
    </div>
  );
}

function Blanks() {
  const { t } = useI18n();
  return (
    <div className={styles.grid} role="status">
      <span className="hidden">{t.common.loading}</span>
      {Array.from({ length: 8 }, (_, index) => (
        <Skeleton key={index} ratio={4 / 3} />
      ))}
    </div>
  );
}
