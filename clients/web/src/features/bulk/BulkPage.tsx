import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { bulksQuery } from "./queries";
import { subscriptionQuery } from "../../api/queries";
import { usePageTitle } from "../../app/title";
import { type Bulk, Bulk_Status as Status } from "../../gen/covergen/cover/v1/cover_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Badge, type Tone } from "../../ui/Badge";
import { FaultNotice } from "../../ui/FaultNotice";
import { LoadMore } from "../../ui/LoadMore";
import { Notice } from "../../ui/Notice";
import { BackLink, Page } from "../../ui/Page";
import { Skeleton } from "../../ui/Skeleton";
import styles from "./BulkPage.module.css";
import { BulkForm } from "./BulkForm";
import { bulkTexts } from "./texts";

/** Many covers from one table. */
export default function BulkPage() {
  const { t } = useI18n();
  const texts = useTexts(bulkTexts);
  usePageTitle(texts.title);
  const plan = useQuery(subscriptionQuery);
  const isLocked = plan.data !== undefined && !plan.data.features.includes("bulk");
  return (
    <Page>
      <BackLink href="/library">{t.library.back}</BackLink>
      <div>
        <h1>{texts.title}</h1>
        <p className={styles.lead}>{texts.lead}</p>
      </div>
      {isLocked && (
        <Notice tone="warn" icon="star" title={texts.locked}>
          {texts.lockedBody}
        </Notice>
      )}
      <BulkForm isLocked={isLocked} />
      <Earlier />
    </Page>
  );
}

function Earlier() {
  const { format } = useI18n();
  const texts = useTexts(bulkTexts);
  const list = useInfiniteQuery(bulksQuery);
  const bulks = list.data?.pages.flatMap((page) => page.bulks) ?? [];
  return (
    <section className={styles.earlier}>
      <h2>{texts.before}</h2>
      {list.isPending && <Skeleton height="4rem" />}
      <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isSuccess && bulks.length === 0 && <p className={styles.lead}>{texts.empty}</p>}
      <ul className={styles.list}>
        {bulks.map((bulk) => (
          <li key={bulk.bulkId}>
            <Link href={`/bulk/${bulk.bulkId}`} className={styles.row}>
              <span className={styles.name}>{bulk.name || bulk.bulkId}</span>
              <span className={styles.about}>
                {texts.rows(bulk.totalRows)} · {format.dateTime(bulk.createTime)}
              </span>
              <BulkBadge bulk={bulk} />
            </Link>
          </li>
        ))}
      </ul>
      <LoadMore list={list} />
    </section>
  );
}

const TONES: Record<Status, Tone> = {
  [Status.STATUS_UNSPECIFIED]: "neutral",
  [Status.RUNNING]: "neutral",
  [Status.SUCCEEDED]: "good",
  [Status.PARTIAL]: "warn",
  [Status.FAILED]: "danger",
  [Status.CANCELLED]: "neutral",
};

/** How a bulk stands, in a word. */
export function BulkBadge({ bulk }: { bulk: Bulk }) {
  const texts = useTexts(bulkTexts);
  return <Badge tone={TONES[bulk.status]}>{texts.status[Status[bulk.status]] ?? Status[bulk.status]}</Badge>;
}
