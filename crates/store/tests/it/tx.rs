use covergen_store::{Error, Store, StoreConfig};
use sea_orm::{ConnectionTrait, Statement};

use crate::support::{Home, covers, eventually, insert_cover, number, run};

on_both_engines!(
    a_failed_statement_makes_the_commit_fail,
    violations_are_told_apart,
    finders_cannot_write,
    concurrent_increments_are_all_counted,
    a_transaction_dropped_in_mid_statement_blocks_nobody,
    the_time_is_the_databases,
);

async fn a_failed_statement_makes_the_commit_fail(home: Home) {
    let store = home.store().await;
    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "kept", 1).await.unwrap();
    assert!(insert_cover(&tx, "kept", 1).await.is_err());
    let committed = tx.commit().await;
    assert!(matches!(committed, Err(Error::Poisoned)), "{committed:?}");
    assert_eq!(covers(&store).await, 0);
    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "next", 1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(covers(&store).await, 1, "the next transaction is sound");
}

async fn violations_are_told_apart(home: Home) {
    let store = home.store().await;
    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "c1", 1).await.unwrap();
    tx.commit().await.unwrap();
    let attempt = async |sql: &str| {
        let tx = store.begin().await.unwrap();
        run(&tx, sql).await.unwrap_err()
    };
    let error =
        attempt("INSERT INTO covers (id, workspace_id, slug, units) VALUES ('c2', 'w', 'c1', 1)")
            .await;
    assert!(error.is_unique("covers", "slug"), "{error}");
    assert!(
        !error.is_unique("covers", "id") && !error.is_unique("tasks", "slug"),
        "{error}"
    );
    let error =
        attempt("INSERT INTO covers (id, workspace_id, slug, units) VALUES ('c1', 'w', 'x', 1)")
            .await;
    assert!(error.is_unique("covers", "id"), "{error}");
    let error =
        attempt("INSERT INTO covers (id, workspace_id, slug, units) VALUES ('c2', 'w', 'x', 0)")
            .await;
    assert!(error.violated_check("positive_units"), "{error}");
    let error = attempt("INSERT INTO variants (id, cover_id) VALUES ('v', 'absent')").await;
    assert!(matches!(error, Error::ForeignKey(_)), "{error}");
    let error = attempt("INSERT INTO absent VALUES (1)").await;
    assert!(matches!(error, Error::Internal(_)), "{error}");
}

async fn finders_cannot_write(home: Home) {
    let store = home.store().await;
    let before = store.digest().await.unwrap();
    let error = run(store.read(), "DELETE FROM schema_migrations")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::ReadOnly), "{error}");
    assert_eq!(store.digest().await.unwrap(), before);
}

async fn concurrent_increments_are_all_counted(home: Home) {
    let stores = [home.store().await, home.open().await];
    let tx = stores[0].begin().await.unwrap();
    insert_cover(&tx, "c", 1).await.unwrap();
    tx.commit().await.unwrap();
    let writers: Vec<_> = (0..32)
        .map(|n| {
            let store = stores[n % 2].clone();
            tokio::spawn(async move {
                for _ in 0..5 {
                    let tx = store.begin().await.unwrap();
                    run(&tx, "UPDATE covers SET units = units + 1")
                        .await
                        .unwrap();
                    tx.commit().await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(number(&stores[0], "SELECT units FROM covers").await, 161);
}

async fn a_transaction_dropped_in_mid_statement_blocks_nobody(home: Home) {
    let store = home.store().await;
    for turn in 0..20 {
        let tx = store.begin().await.unwrap();
        let id = format!("dropped{turn}");
        let insert = insert_cover(&tx, &id, 1);
        // Polled at most once: given up wherever it stands then.
        tokio::select! {
            biased;
            _ = insert => {}
            () = std::future::ready(()) => {}
        }
        drop(tx);
    }
    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "kept", 1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(covers(&store).await, 1);
}

async fn the_time_is_the_databases(home: Home) {
    // A service clock that is an hour behind.
    let behind = covergen_ids::Clock::manual(covergen_ids::Clock::system().now_ms() - 3_600_000);
    let store = Store::open(&home.config(), "cover", behind.clock())
        .await
        .unwrap();
    let tx = store.begin().await.unwrap();
    let off_ms = (tx.now_ms() - covergen_ids::Clock::system().now_ms()).abs();
    match store.backend() {
        sea_orm::DbBackend::Postgres => assert!(off_ms < 60_000, "{off_ms}"),
        _ => assert_eq!(tx.now_ms(), behind.clock().now_ms()),
    }
}

#[tokio::test]
async fn a_full_disk_refuses_writes_lets_reads_go_on_and_recovers() {
    let home = Home::sqlite();
    let store = home.store().await;
    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "before", 1).await.unwrap();
    tx.commit().await.unwrap();
    // The engine's own bound on the file gives the error a full disk does.
    let pages = number(&store, "SELECT page_count FROM pragma_page_count()").await;
    let limit = async |pages: i64| {
        let tx = store.begin().await.unwrap();
        run(&tx, &format!("PRAGMA max_page_count = {pages}"))
            .await
            .unwrap();
        tx.rollback().await.unwrap();
    };
    let fill = async || {
        let tx = store.begin().await?;
        for n in 0..200 {
            let note = format!(
                "INSERT INTO covers (id, workspace_id, slug, units, note)
                 VALUES ('f{n}', 'w', 'f{n}', 1, '{}')",
                "x".repeat(4_000)
            );
            run(&tx, &note).await?;
        }
        tx.commit().await
    };
    for _ in 0..3 {
        // Each time anew: a connection that was off has been replaced.
        limit(pages + 2).await;
        let filled = fill().await;
        assert!(matches!(filled, Err(Error::DiskFull)), "{filled:?}");
        assert_eq!(covers(&store).await, 1);
    }
    limit(1_000_000).await;
    fill().await.unwrap();
    assert_eq!(covers(&store).await, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_a_deadlock_is_a_conflict_to_be_repeated() {
    let home = Home::postgres().await;
    let store = home.store().await;
    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "a", 1).await.unwrap();
    insert_cover(&tx, "b", 1).await.unwrap();
    tx.commit().await.unwrap();
    let (one, other) = (store.begin().await.unwrap(), store.begin().await.unwrap());
    run(&one, "UPDATE covers SET units = 2 WHERE id = 'a'")
        .await
        .unwrap();
    run(&other, "UPDATE covers SET units = 3 WHERE id = 'b'")
        .await
        .unwrap();
    let (first, second) = tokio::join!(
        run(&one, "UPDATE covers SET units = 2 WHERE id = 'b'"),
        async {
            let second = run(&other, "UPDATE covers SET units = 3 WHERE id = 'a'").await;
            if second.is_err() {
                drop(other);
            }
            second
        },
    );
    let failed = first.err().or(second.err()).expect("one of them gave way");
    assert!(failed.is_retryable(), "{failed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_a_writer_that_waits_too_long_is_told_of_the_load() {
    let home = Home::sqlite();
    home.store().await.close().await;
    let config = StoreConfig {
        acquire_timeout_ms: Some(1_000),
        ..home.config()
    };
    let store = Store::open(&config, "cover", covergen_ids::Clock::system())
        .await
        .unwrap();
    let held = store.begin().await.unwrap();
    let refused = store.begin().await;
    assert!(matches!(refused, Err(Error::Overloaded)), "{refused:?}");
    assert_eq!(covers(&store).await, 0, "reads go on");
    drop(held);
    eventually("the writer", || async { store.begin().await.is_ok() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_a_missing_database_is_made_with_text_in_byte_order() {
    let home = Home::postgres().await;
    let config = StoreConfig::from_url(format!("{}_{{service}}", home.config().url));
    let mut racers = Vec::new();
    for _ in 0..4 {
        let config = config.clone();
        racers.push(tokio::spawn(async move {
            Store::open(&config, "made", covergen_ids::Clock::system()).await
        }));
    }
    let mut store = None;
    for racer in racers {
        store = Some(racer.await.unwrap().unwrap());
    }
    let store = store.unwrap();
    let sql =
        "SELECT string_agg(t, '' ORDER BY t) AS t FROM (VALUES ('b'), ('A'), ('a'), ('B')) AS v(t)";
    let row = store
        .read()
        .query_one_raw(Statement::from_string(store.backend(), sql));
    let sorted: String = row.await.unwrap().unwrap().try_get("", "t").unwrap();
    assert_eq!(sorted, "ABab", "as SQLite sorts");
}
