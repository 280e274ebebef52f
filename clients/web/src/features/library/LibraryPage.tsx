import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { Link } from "wouter";
import { ALL_COVERS, type CoverFilter, coversQuery } from "../../api/queries";
import { usePageTitle } from "../../app/title";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button, buttonClass } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { FaultNotice } from "../../ui/FaultNotice";
import { Icon } from "../../ui/Icon";
import { Page } from "../../ui/Page";
import { Skeleton } from "../../ui/Skeleton";
import { CoverCard } from "./CoverCard";
import { LibraryBar } from "./LibraryBar";
import styles from "./LibraryPage.module.css";
import { MoreSentinel } from "./MoreSentinel";
import { libraryTexts } from "./texts";

/** Everything the user has made, searched, filtered and in the order wanted. */
export default function LibraryPage() {
  const { t } = useI18n();
  const texts = useTexts(libraryTexts);
  usePageTitle(t.library.pageTitle);
  const [filter, setFilter] = useState(ALL_COVERS);
  // Typing stays smooth: the list follows when there is time.
  const list = useInfiniteQuery(coversQuery(useDeferredValue(filter)));
  const covers = list.data?.pages.flatMap((page) => page.covers) ?? [];
  const isFiltered = filter !== ALL_COVERS && Object.values(filter).some(Boolean);
  const isEmpty = list.isSuccess && covers.length === 0;

  return (
    <Page>
      <div className={styles.head}>
        <h1>{t.library.pageTitle}</h1>
        <div className={styles.actions}>
          <Link href="/bulk" className={buttonClass({ kind: "plain" })}>
            <Icon name="rows" />
            {texts.bulk}
          </Link>
          {covers.length > 0 && (
            <Link href="/" className={buttonClass({ kind: "primary" })}>
              {t.nav.make}
            </Link>
          )}
        </div>
      </div>
      {(covers.length > 0 || isFiltered) && <LibraryBar filter={filter} onChange={setFilter} />}
      {list.isPending && <Blanks />}
      <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
      {isEmpty && (isFiltered ? <Nothing onAll={setFilter} /> : <First />)}
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
    </Page>
  );
}

function First() {
  const { t } = useI18n();
  return (
    <Empty
      title={t.library.emptyTitle}
      body={t.library.emptyBody}
      action={
        <Link href="/" className={buttonClass({ kind: "primary" })}>
          {t.library.emptyAction}
        </Link>
      }
    />
  );
}

function Nothing({ onAll }: { onAll: (filter: CoverFilter) => void }) {
  const texts = useTexts(libraryTexts);
  return (
    <Empty
      title={texts.nothingTitle}
      body={texts.nothingBody}
      action={<Button onClick={() => onAll(ALL_COVERS)}>{texts.nothingAction}</Button>}
    />
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
