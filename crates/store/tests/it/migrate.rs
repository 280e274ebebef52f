use covergen_store::Error;
use sea_orm::ConnectionTrait as _;

use crate::support::{Home, Sql, eventually, number, schema};

on_both_engines!(
    migrating_again_changes_nothing,
    several_processes_may_migrate_at_once,
    a_step_that_fails_leaves_nothing_behind,
    two_steps_of_one_name_are_refused,
);

async fn migrating_again_changes_nothing(home: Home) {
    let store = home.store().await;
    let before = store.digest().await.unwrap();
    store.migrate(schema()).await.unwrap();
    assert_eq!(store.digest().await.unwrap(), before);
}

async fn several_processes_may_migrate_at_once(home: Home) {
    let mut racers = Vec::new();
    for _ in 0..4 {
        let store = home.open().await;
        racers.push(tokio::spawn(async move { store.migrate(schema()).await }));
    }
    for racer in racers {
        racer.await.unwrap().unwrap();
    }
    let steps = "SELECT count(*) FROM schema_migrations";
    let expected = covergen_store::own_migrations().count() + schema().len();
    assert_eq!(number(&home.open().await, steps).await, expected as i64);
}

async fn a_step_that_fails_leaves_nothing_behind(home: Home) {
    let store = home.store().await;
    let before = store.digest().await.unwrap();
    let mut steps = schema();
    steps.push(Box::new(Sql(
        "cover_0002_broken",
        &[
            "CREATE TABLE half (id TEXT PRIMARY KEY)",
            "CREATE TABLE half (id TEXT PRIMARY KEY)",
        ],
    )));
    assert!(store.migrate(steps).await.is_err());
    assert_eq!(store.digest().await.unwrap(), before, "no table, no mark");
    let mut steps = schema();
    steps.push(Box::new(Sql(
        "cover_0002_broken",
        &["CREATE TABLE half (id TEXT PRIMARY KEY)"],
    )));
    store.migrate(steps).await.unwrap();
}

async fn two_steps_of_one_name_are_refused(home: Home) {
    let store = home.open().await;
    let steps = schema().into_iter().chain(schema()).collect();
    assert!(matches!(store.migrate(steps).await, Err(Error::Config(_))));
}

/// Whoever waits for a table to themselves makes everybody wait who comes after
/// them; a copy of the database may read it for many minutes.
#[tokio::test]
async fn a_migration_that_waits_for_a_table_lets_others_have_it() {
    let home = Home::postgres().await;
    let store = home.store().await;
    let reader = store.begin().await.unwrap();
    reader
        .execute_unprepared("SELECT count(*) FROM covers")
        .await
        .unwrap();
    let migrating = home.open().await;
    let migrating = tokio::spawn(async move {
        let mut steps = schema();
        let alter = &["ALTER TABLE covers ADD COLUMN colour TEXT"];
        steps.push(Box::new(Sql("cover_0002_colour", alter)));
        migrating.migrate(steps).await
    });
    let waiting = "SELECT count(*) FROM pg_locks
        WHERE NOT granted AND mode = 'AccessExclusiveLock' AND relation = 'covers'::regclass";
    eventually("it waits", || async { number(&store, waiting).await == 1 }).await;
    // Within the time that a statement has, again and again.
    for _ in 0..2 {
        assert_eq!(number(&store, "SELECT count(*) FROM covers").await, 0);
    }
    assert!(!migrating.is_finished());
    reader.rollback().await.unwrap();
    migrating.await.unwrap().unwrap();
    assert_eq!(number(&store, "SELECT count(colour) FROM covers").await, 0);
}
