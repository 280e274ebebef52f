import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { covers } from "../../api/clients";
import { Fault, toFault } from "../../api/fault";
import { COVERS_KEY, quotaQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import { PageLoading } from "../../app/PageLoading";
import { usePageTitle } from "../../app/title";
import { type Bulk, type BulkRowResult, BulkRowResult_State as State, Bulk_Status as Status } from "../../gen/covergen/cover/v1/cover_pb";
import { useTexts } from "../../i18n/texts";
import { sentenceFor, useI18n } from "../../i18n";
import { Button, buttonClass } from "../../ui/Button";
import { Check } from "../../ui/Check";
import { Confirm } from "../../ui/Confirm";
import { Empty } from "../../ui/Empty";
import { FaultNotice } from "../../ui/FaultNotice";
import { announce } from "../../ui/live";
import { LoadMore } from "../../ui/LoadMore";
import { BackLink, Page } from "../../ui/Page";
import { ProgressBar } from "../../ui/ProgressBar";
import { Table } from "../../ui/Table";
import { watch } from "../make/watch";
import { BulkBadge } from "./BulkPage";
import styles from "./BulkPage.module.css";
import { BulkPack } from "./BulkPack";
import { bulkQuery, bulkRowsQuery, bulksQuery } from "./queries";
import { bulkTexts } from "./texts";

/** One bulk: how far it is, and what became of each row. */
export default function BulkRunPage({ bulkId }: { bulkId: string }) {
  const texts = useTexts(bulkTexts);
  const bulk = useQuery(bulkQuery(bulkId));
  usePageTitle(bulk.data?.name || texts.title);
  const isGone = bulk.error !== null && ["NOT_FOUND", "INVALID_ARGUMENT"].includes(toFault(bulk.error).code);
  const back = (
    <Link href="/bulk" className={buttonClass({ kind: "primary" })}>
      {texts.back}
    </Link>
  );
  return (
    <Page>
      <BackLink href="/bulk">{texts.back}</BackLink>
      {bulk.isPending && <PageLoading />}
      {isGone ? <Empty isAlert isPage title={texts.gone} body={texts.goneBody} action={back} /> : <FaultNotice error={bulk.error} onRetry={() => void bulk.refetch()} />}
      {bulk.data && <Run bulk={bulk.data} />}
    </Page>
  );
}

/** Keeps the bulk in step with the server until it has ended. */
function useFollow(bulk: Bulk): { isLost: boolean } {
  const client = useQueryClient();
  const [isLost, setLost] = useState(false);
  const { bulkId } = bulk;
  const isRunning = bulk.status === Status.RUNNING;
  useEffect(() => {
    if (!isRunning) return;
    const controller = new AbortController();
    const follow = async () => {
      const open: Parameters<typeof watch<Bulk>>[0] = (afterVersion, options) => covers.watchBulk({ bulkId, afterVersion }, options);
      for await (const state of watch(open, ({ status }) => status !== Status.RUNNING, controller.signal, setLost)) {
        client.setQueryData(bulkQuery(bulkId).queryKey, state);
      }
      // The rows, the library and the quota have all moved.
      for (const queryKey of [bulkQuery(bulkId).queryKey, bulksQuery.queryKey, COVERS_KEY, quotaQuery.queryKey]) {
        void client.invalidateQueries({ queryKey });
      }
    };
    follow().catch(() => client.invalidateQueries({ queryKey: bulkQuery(bulkId).queryKey }));
    return () => controller.abort();
  }, [bulkId, client, isRunning]);
  return { isLost };
}

function Run({ bulk }: { bulk: Bulk }) {
  const texts = useTexts(bulkTexts);
  const client = useQueryClient();
  const { isLost } = useFollow(bulk);
  const [isStopping, setStopping] = useState(false);
  const isRunning = bulk.status === Status.RUNNING;
  const ended = bulk.succeededRows + bulk.failedRows + bulk.cancelledRows;
  const put = (next: Bulk) => {
    client.setQueryData(bulkQuery(bulk.bulkId).queryKey, next);
    setStopping(false);
  };
  const stop = useMutation({ mutationFn: () => covers.cancelBulk({ bulkId: bulk.bulkId, requestId: newRequestId() }), onSuccess: put });
  const retry = useMutation({ mutationFn: () => covers.retryBulk({ bulkId: bulk.bulkId, requestId: newRequestId() }), onSuccess: put });

  useEffect(() => {
    if (!isRunning) announce(texts.done(ended, bulk.totalRows));
  }, [bulk.totalRows, ended, isRunning, texts]);

  return (
    <>
      <div className={styles.head}>
        <h1 className={styles.heading}>
          {bulk.name || texts.title}
          <BulkBadge bulk={bulk} />
        </h1>
        <div className={styles.tools}>
          {isRunning && (
            <Button kind="danger" icon="close" onClick={() => setStopping(true)}>
              {texts.stop}
            </Button>
          )}
          {!isRunning && bulk.failedRows > 0 && (
            <Button icon="refresh" busy={retry.isPending} onClick={() => retry.mutate()}>
              {texts.retry}
            </Button>
          )}
          {bulk.succeededRows > 0 && <BulkPack bulk={bulk} />}
        </div>
      </div>
      <FaultNotice error={retry.error} />
      <section className={styles.progress} data-testid="bulk" data-status={Status[bulk.status]}>
        <ProgressBar
          percent={bulk.progressPercent}
          label={texts.progress}
          text={texts.done(ended, bulk.totalRows)}
          tone={bulk.status === Status.FAILED ? "danger" : "accent"}
        />
        <p className={styles.numbers}>
          <span>{isLost ? texts.lost : texts.done(ended, bulk.totalRows)}</span>
          {bulk.failedRows > 0 && <strong className={styles.over}>{texts.failed(bulk.failedRows)}</strong>}
          <span>{bulk.progressPercent} %</span>
        </p>
      </section>
      <Rows bulk={bulk} />
      <Confirm open={isStopping} onOpenChange={setStopping} title={texts.stopTitle} body={texts.stopBody} action={texts.stop} work={stop} />
    </>
  );
}

function Rows({ bulk }: { bulk: Bulk }) {
  const texts = useTexts(bulkTexts);
  const [onlyFailed, setOnlyFailed] = useState(false);
  const list = useInfiniteQuery({
    ...bulkRowsQuery(bulk.bulkId, onlyFailed),
    // While it runs, the rows follow at a gentler pace than the bar.
    refetchInterval: bulk.status === Status.RUNNING ? 2_000 : false,
  });
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
  const hasReferences = rows.some(({ row }) => row?.reference);
  return (
    <section className="stack">
      <div className={styles.head}>
        <h2>{texts.results}</h2>
        <Check label={texts.onlyFailed} checked={onlyFailed} onChange={(event) => setOnlyFailed(event.target.checked)} />
      </div>
      <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
      {rows.length > 0 && (
        <Table
          label={texts.results}
          testId="bulk-rows"
          rows={rows}
          rowKey={({ rowNumber }) => rowNumber}
          columns={[
            { name: texts.number, cell: ({ rowNumber }) => rowNumber },
            { name: texts.rowTitle, cell: (result) => <Title result={result} /> },
            ...(hasReferences ? [{ name: texts.reference, cell: ({ row }: BulkRowResult) => row?.reference ?? "" }] : []),
            { name: texts.outcome, cell: (result) => <Outcome result={result} /> },
          ]}
        />
      )}
      <LoadMore list={list} />
    </section>
  );
}

function Title({ result }: { result: BulkRowResult }) {
  const [cover] = result.covers;
  const title = result.row?.title ?? "";
  return cover ? <Link href={`/library/${cover.id}`}>{title}</Link> : <>{title}</>;
}

function Outcome({ result }: { result: BulkRowResult }) {
  const i18n = useI18n();
  const texts = useTexts(bulkTexts);
  const state = texts.state[State[result.state]] ?? State[result.state];
  const { error } = result;
  const why = error && sentenceFor(new Fault({ code: "UNKNOWN", ...error }), i18n);
  return (
    <span className={result.state === State.FAILED ? styles.over : undefined}>
      {[state, why].filter(Boolean).join(": ")}
    </span>
  );
}
