//! Queries of this crate's own tables cost the same however many rows are kept.

use covergen_ids::Clock;
use covergen_store::{ClaimScope, Store, StoreConfig};
use covergen_testkit::{Postgres, plans};

use crate::support::{
    Recorder, command_now, emit_now, eventually, insert_cover, number, options, relay, run, schema,
};

const ROWS: u32 = 20_000;
const DAY_MS: i64 = 86_400_000;

/// Pages of a statement that finds a handful of rows. Removal works on 500 rows
/// a statement, each of which is in a few indexes.
const MAX_BUFFERS: u64 = 300;
const MAX_BUFFERS_REMOVING: u64 = 20_000;

async fn fill(store: &Store) {
    let tx = store.begin().await.unwrap();
    let now = tx.now_ms();
    let month = now - 40 * DAY_MS;
    for sql in [
        format!(
            "INSERT INTO outbox (id, kind, name, grouping_key, aggregate_version, workspace_id,
                occurred_at_ms, traceparent, causation_id, correlation_id, payload, sent_at_ms)
             SELECT 'o' || i, CASE i % 2 WHEN 0 THEN 'event' ELSE 'command' END, 'n',
                'g' || i, 1, 'w', {now}, '', '', '', '\\x00',
                CASE WHEN i <= 1200 THEN {month} ELSE {now} END
             FROM generate_series(1, {ROWS}) AS i"
        ),
        format!(
            "INSERT INTO aggregate_versions SELECT 'g' || i, 1 FROM generate_series(1, {ROWS}) AS i"
        ),
        format!(
            "INSERT INTO inbox SELECT 'c', 'e' || i, CASE WHEN i <= 1200 THEN {month} ELSE {now} END
             FROM generate_series(1, {ROWS}) AS i"
        ),
        format!(
            "INSERT INTO inbox_positions SELECT 'c', 'g' || i, 1 FROM generate_series(1, {ROWS}) AS i"
        ),
        format!(
            "INSERT INTO idempotency_claims SELECT 'p' || i, 'm', 'k', '\\x00', 'x', 't', 1, 0,
                '\\x00', false, CASE WHEN i <= 1200 THEN {month} ELSE {now} + {DAY_MS} END
             FROM generate_series(1, {ROWS}) AS i"
        ),
    ] {
        run(&tx, &sql).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn use_everything(store: &Store) {
    let recorder = Recorder::new();
    let running = relay(store, &recorder, options());
    for n in 0..3 {
        emit_now(store, "g7").await;
        command_now(store, "task.submit", "g9").await;
        let scope = ClaimScope::new("p5", "m", format!("key-{n}"));
        let written: covergen_store::Result<()> = store
            .idempotent(&scope, &(), |claim| async move {
                let tx = store.begin().await?;
                insert_cover(&tx, &format!("c{n}"), 1).await?;
                tx.first_delivery("c", &format!("new-{n}")).await?;
                tx.advance("c", "g11", n + 2).await?;
                tx.commit_with(claim, ()).await
            })
            .await;
        written.unwrap();
        let again: covergen_store::Result<()> = store
            .idempotent(&scope, &(), |_| async move { unreachable!("it replays") })
            .await;
        again.unwrap();
    }
    running.drained().await;
    store.backlog().await.unwrap();
    store.parked(10).await.unwrap();
    running.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_query_reads_a_whole_table_and_removal_goes_by_batches() {
    let server = Postgres::start().await;
    plans::record(&server).await;
    let url = server.url();
    let (address, _) = url.rsplit_once('/').unwrap();
    let config = StoreConfig::from_url(format!("{address}/covergen_{{service}}"));
    let store = Store::open(&config, "cover", Clock::system())
        .await
        .unwrap();
    store.migrate(schema()).await.unwrap();
    fill(&store).await;
    for table in [
        "outbox",
        "aggregate_versions",
        "inbox",
        "inbox_positions",
        "idempotency_claims",
    ] {
        // Not in a transaction, and not by a reader.
        covergen_testkit::postgres_execute(
            &store_url(address),
            &format!("VACUUM (ANALYZE) {table}"),
        )
        .await;
    }

    let from = server.log().len();
    use_everything(&store).await;
    let between = server.log().len();
    let removed = store.maintain().await.unwrap();
    assert_eq!(
        (removed.outbox, removed.claims, removed.inbox),
        (1_200, 1_200, 1_200)
    );
    let kept = "SELECT count(*) FROM outbox WHERE sent_at_ms IS NOT NULL";
    eventually("what is retained", || async {
        number(&store, kept).await >= 18_800
    })
    .await;
    let log = server.log();
    check(&log[from..between], MAX_BUFFERS, 30);
    let removing: Vec<_> = plans::parse(&log[between..])
        .into_iter()
        .filter(|plan| plan.query.starts_with("DELETE FROM"))
        // Jobs and attempts, of which there are none, are looked for as well.
        .filter(|plan| !plan.query.contains("event_jobs"))
        .filter(|plan| !plan.query.contains("inbox_attempts"))
        .collect();
    assert_eq!(
        removing.len(),
        9,
        "three tables of 1,200 rows, 500 at a time"
    );
    for plan in removing {
        assert!(plan.scanned.is_empty(), "{plan:?}");
        assert!(plan.buffers < MAX_BUFFERS_REMOVING, "{plan:?}");
    }
}

fn store_url(address: &str) -> String {
    format!("{address}/covergen_cover")
}

fn check(log: &str, max_buffers: u64, least: usize) {
    let plans: Vec<_> = plans::parse(log)
        .into_iter()
        .filter(|plan| plan.application == "covergen-cover")
        .collect();
    assert!(plans.len() >= least, "{} plans", plans.len());
    for plan in plans {
        let grows = plan.scanned.iter().any(|table| table != "covers");
        assert!(!grows && plan.buffers <= max_buffers, "{plan:#?}");
    }
}
