//! Finders on a streaming standby: real servers that follow, fall behind and
//! die.

use std::time::Duration;

use covergen_ids::Clock;
use covergen_store::{Reader, Store, StoreConfig};
use covergen_testkit::{Postgres, Server};
use sea_orm::{ConnectionTrait, Statement};

use crate::support::{eventually, insert_cover, run, schema};

fn database(server: &Server) -> String {
    let url = server.url();
    let (address, _) = url.rsplit_once('/').unwrap();
    format!("{address}/covergen_{{service}}")
}

async fn open(primary: &Server, standby: &Server, max_lag_ms: u32) -> Store {
    let config = StoreConfig {
        replica_url: database(standby),
        replica_max_lag_ms: max_lag_ms,
        acquire_timeout_ms: Some(500),
        ..StoreConfig::from_url(database(primary))
    };
    let store = Store::open(&config, "cover", Clock::system())
        .await
        .unwrap();
    store.migrate(schema()).await.unwrap();
    store
}

async fn write(store: &Store, id: &str) {
    let tx = store.begin().await.unwrap();
    insert_cover(&tx, id, 1).await.unwrap();
    tx.commit().await.unwrap();
}

/// Whether a standby answered, and how many covers it knows.
async fn answer(reader: &Reader) -> (bool, i64) {
    let sql = "SELECT pg_is_in_recovery() AS follows, (SELECT count(*) FROM covers) AS covers";
    let statement = Statement::from_string(reader.get_database_backend(), sql);
    let row = reader.query_one_raw(statement).await.unwrap().unwrap();
    (
        row.try_get("", "follows").unwrap(),
        row.try_get("", "covers").unwrap(),
    )
}

async fn until_followed(store: &Store, covers: i64) {
    eventually("the standby's answer", || async {
        let reader = store.stale_reads();
        reader.is_stale() && answer(&reader).await == (true, covers)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finders_that_may_lag_are_answered_by_the_standby_and_without_it_by_the_primary() {
    let primary = Postgres::start().await;
    let standby = Postgres::standby_of(&primary).await;
    let store = open(&primary, &standby, 2_000).await;
    write(&store, "a").await;
    until_followed(&store, 1).await;
    assert_eq!(answer(store.read()).await, (false, 1), "fresh reads");

    // Killed between two queries of one caller: the second still has an answer,
    // and so has whoever comes before the death is noticed.
    let reader = store.stale_reads();
    assert!(reader.is_stale());
    standby.kill();
    assert_eq!(answer(&reader).await, (false, 1));
    assert!(!reader.is_stale(), "what follows is asked of the primary");
    assert_eq!(answer(&store.stale_reads()).await, (false, 1));
    eventually("the death is noticed", || async {
        !store.stale_reads().is_stale()
    })
    .await;

    let standby = standby.restart().await;
    write(&store, "b").await;
    until_followed(&store, 2).await;
    drop(standby);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finders_that_may_lag_have_an_answer_while_the_primary_is_dead() {
    let primary = Postgres::start().await;
    let standby = Postgres::standby_of(&primary).await;
    let store = open(&primary, &standby, 1_000).await;
    write(&store, "a").await;
    until_followed(&store, 1).await;
    primary.kill();
    // Longer than the bound on lag: there is nothing to lag behind.
    let until = tokio::time::Instant::now() + Duration::from_secs(3);
    let mut answers = 0;
    while tokio::time::Instant::now() < until {
        let reader = store.stale_reads();
        let sql = "SELECT count(*) FROM covers";
        let statement = Statement::from_string(reader.get_database_backend(), sql);
        answers += u32::from(reader.query_one_raw(statement).await.is_ok());
    }
    assert!(answers > 0);
    until_followed(&store, 1).await;
    assert!(store.begin().await.is_err(), "writes need the primary");
    let primary = primary.restart().await;
    eventually("writes", || async { store.begin().await.is_ok() }).await;
    write(&store, "b").await;
    until_followed(&store, 2).await;
    drop(primary);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_lags_too_much_is_not_read_from() {
    let primary = Postgres::start().await;
    let standby = Postgres::standby_of(&primary).await;
    let store = open(&primary, &standby, 1_000).await;
    write(&store, "a").await;
    until_followed(&store, 1).await;

    let there = Store::open(
        &StoreConfig::from_url(database(&standby)),
        "cover",
        Clock::system(),
    )
    .await
    .unwrap();
    // A function call reads nothing from tables and changes nothing in them,
    // so it is let through where writes are not.
    run(there.read(), "SELECT pg_wal_replay_pause()")
        .await
        .unwrap();
    eventually("the pause", || async {
        let sql = "SELECT (pg_get_wal_replay_pause_state() = 'paused')::int::bigint";
        crate::support::number(&there, sql).await == 1
    })
    .await;
    write(&store, "b").await;
    eventually("the lag is noticed", || async {
        let reader = store.stale_reads();
        !reader.is_stale() && answer(&reader).await == (false, 2)
    })
    .await;
    assert_eq!(answer(there.read()).await, (true, 1), "it does lag");

    run(there.read(), "SELECT pg_wal_replay_resume()")
        .await
        .unwrap();
    until_followed(&store, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_given_as_replica_is_not_taken_for_one() {
    let primary = Postgres::start().await;
    let store = open(&primary, &primary, 1_000).await;
    write(&store, "a").await;
    for _ in 0..50 {
        assert!(!store.stale_reads().is_stale());
        assert_eq!(answer(&store.stale_reads()).await, (false, 1));
    }
}

#[tokio::test]
async fn a_replica_of_a_file_is_refused() {
    let home = crate::support::Home::sqlite();
    let config = StoreConfig {
        replica_url: "postgres://localhost/covergen_{service}".to_owned(),
        ..home.config()
    };
    let refused = Store::open(&config, "cover", Clock::system()).await;
    let told = refused.unwrap_err().to_string();
    assert!(told.contains("replica_url"), "{told}");
}
