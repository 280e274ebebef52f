//! What a running service holds of a PostgreSQL server, and how it answers
//! when all of that is in use.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use covergen_ids::Clock;
use covergen_store::{CallContext, ClaimScope, Error, Gate, Permit, Store, StoreConfig};
use covergen_testkit::Database;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::task::JoinSet;

use crate::support::{
    Home, Recorder, WITHIN, covers, eventually, insert_cover, options, relay, run, schema, try_emit,
};

async fn open(database: &Database, service: &str) -> Store {
    let config = StoreConfig::from_url(database.url());
    let store = Store::open(&config, service, Clock::system())
        .await
        .unwrap();
    store.migrate(schema()).await.unwrap();
    store
}

/// Connections of a service, as the server counts them.
async fn held(watcher: &Store, service: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM pg_stat_activity
         WHERE application_name = 'covergen-{service}' AND datname = current_database()"
    );
    crate::support::number(watcher, &sql).await
}

/// Whether it was done; not done for want of a connection is no failure.
fn told(outcome: covergen_store::Result<()>) -> bool {
    match outcome {
        Ok(()) => true,
        Err(Error::Overloaded) => false,
        Err(error) => panic!("{error}"),
    }
}

/// A mutation as services make them: a claim, a transaction, an event.
async fn write(store: &Store, id: String) -> bool {
    let scope = ClaimScope::new("somebody", "/cover/Write", id.clone());
    let written = store.idempotent(&scope, &(), |claim| async move {
        let tx = store.begin().await?;
        insert_cover(&tx, &id, 1).await?;
        try_emit(&tx, &id).await?;
        tx.commit_with(claim, ()).await
    });
    match written.await {
        // The attempt before left its claim, and is giving it up.
        Err(Error::InFlight) => false,
        outcome => told(outcome),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_a_service_holds_no_more_than_four_connections() {
    let database = covergen_testkit::postgres_database().await;
    let store = open(&database, "cover").await;
    let watcher = open(&database, "watcher").await;
    let recorder = Recorder::new();
    let running = relay(&store, &recorder, options());
    let mut work = JoinSet::new();
    for worker in 0..24 {
        let store = store.clone();
        work.spawn(async move {
            for n in 0..5 {
                // Two writers are soon busy on a slow disk; who is told so
                // comes again, as a client does.
                eventually("a write", || write(&store, format!("w{worker}-{n}"))).await;
                eventually("a read", || async {
                    let found = run(store.read(), "SELECT 1 FROM covers LIMIT 1").await;
                    told(found.map(drop))
                })
                .await;
            }
        });
    }
    let (mut most, mut looks) = (0, 0);
    while !work.is_empty() {
        most = most.max(held(&watcher, "cover").await);
        looks += 1;
        while let Some(done) = work.try_join_next() {
            done.unwrap();
        }
    }
    assert!((2..=4).contains(&most), "{most} in {looks} looks");
    running.drained().await;
    // One may have come twice: the relay waits for a connection, too.
    let told: BTreeSet<_> = recorder.event_ids().into_iter().collect();
    assert_eq!(told.len(), 120, "the relay had its turn");
    running.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_connection_is_bounded_in_time() {
    let database = covergen_testkit::postgres_database().await;
    let store = open(&database, "cover").await;
    let shown = "SELECT current_setting('statement_timeout') || ' ' ||
        current_setting('lock_timeout') || ' ' ||
        current_setting('idle_in_transaction_session_timeout') || ' ' ||
        current_setting('default_transaction_read_only') || ' ' || pg_backend_pid()";
    let ask = |conn: Vec<String>| {
        let mut pids: Vec<&str> = Vec::new();
        for line in &conn {
            let (settings, pid) = line.rsplit_once(' ').unwrap();
            assert!(
                settings.starts_with("5s 5s 30s"),
                "statement, lock, idle: {line}"
            );
            pids.push(pid);
        }
        pids.sort_unstable();
        pids.dedup();
        pids.len()
    };
    // Both transactions at once, so that both connections are looked at.
    let (one, other) = (store.begin().await.unwrap(), store.begin().await.unwrap());
    let mut writers = Vec::new();
    for tx in [&one, &other] {
        let statement = Statement::from_string(store.backend(), shown);
        let row = tx.query_one_raw(statement).await.unwrap().unwrap();
        writers.push(row.try_get_by_index::<String>(0).unwrap());
    }
    assert!(writers.iter().all(|line| line.contains(" off ")));
    assert_eq!(ask(writers), 2);
    // As many as there are: each waits on the server while the other is asked.
    let slow = format!("SELECT a FROM (SELECT ({shown}) AS a, pg_sleep(0.3)) AS b");
    let reads = futures::future::join_all((0..2).map(|_| {
        let (store, slow) = (store.clone(), slow.clone());
        async move {
            let statement = Statement::from_string(store.backend(), slow);
            let row = store.read().query_one_raw(statement).await;
            row.unwrap().unwrap().try_get_by_index::<String>(0).unwrap()
        }
    }));
    let readers = reads.await;
    assert!(readers.iter().all(|line| line.contains(" on ")));
    assert_eq!(ask(readers), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_and_a_wait_for_a_lock_end_by_themselves() {
    let database = covergen_testkit::postgres_database().await;
    let config = StoreConfig {
        statement_timeout_ms: 2_000,
        ..StoreConfig::from_url(database.url())
    };
    let store = Store::open(&config, "cover", Clock::system())
        .await
        .unwrap();
    store.migrate(schema()).await.unwrap();
    let endless = Statement::from_string(store.backend(), "SELECT pg_sleep(600)");
    let ended = store.read().query_one_raw(endless).await.unwrap_err();
    assert!(matches!(Error::from(ended), Error::Timeout));
    let held = store.begin().await.unwrap();
    insert_cover(&held, "a", 1).await.unwrap();
    let waits = store.begin().await.unwrap();
    let refused = insert_cover(&waits, "a", 1).await.unwrap_err();
    assert!(
        matches!(refused, Error::Timeout | Error::Conflict(_)),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_every_connection_in_use_callers_are_told_to_come_again() {
    let database = covergen_testkit::postgres_database().await;
    let store = open(&database, "cover").await;
    let held = [store.begin().await.unwrap(), store.begin().await.unwrap()];
    // The bound is on hanging only.
    let begun = tokio::time::timeout(WITHIN, store.begin()).await.unwrap();
    assert!(matches!(begun, Err(Error::Overloaded)), "{begun:?}");
    let scope = ClaimScope::new("somebody", "/cover/Write", "key");
    let claimed = store.claim(&scope, [0; 32], 1_000).await;
    assert!(matches!(claimed, Err(Error::Overloaded)), "{claimed:?}");
    store.ping().await.unwrap();
    assert_eq!(covers(&store).await, 0, "reads go on");
    drop(held);
    eventually("a writer", || async { store.begin().await.is_ok() }).await;

    // Both wait for somebody else's lock, which the server works at.
    let watcher = open(&database, "watcher").await;
    let touch = "INSERT INTO covers (id, workspace_id, slug, units) VALUES ('a', 'w', 'a', 1)";
    let locked = watcher.begin().await.unwrap();
    run(&locked, touch).await.unwrap();
    let waiting = [(); 2].map(|()| {
        let store = store.clone();
        tokio::spawn(async move {
            let tx = store.begin().await.unwrap();
            run(&tx, touch).await
        })
    });
    let for_it = "SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'covergen-cover' AND wait_event_type = 'Lock'
          AND datname = current_database()";
    eventually("two that wait", || async {
        crate::support::number(&watcher, for_it).await == 2
    })
    .await;
    let begun = store.begin().await;
    assert!(matches!(begun, Err(Error::Overloaded)), "{begun:?}");
    locked.rollback().await.unwrap();
    for one in waiting {
        let inserted = one.await.unwrap();
        assert!(
            matches!(inserted, Ok(1) | Err(Error::Unique(_))),
            "{inserted:?}"
        );
    }

    // The readers' turn: both wait for a lock that ends when it is told to.
    let locked = watcher.begin().await.unwrap();
    run(&locked, "SELECT pg_advisory_xact_lock(1)")
        .await
        .unwrap();
    let busy: Vec<_> = (0..2)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let waits = "SELECT pg_advisory_xact_lock_shared(1)";
                let waits = Statement::from_string(store.backend(), waits);
                store.read().query_one_raw(waits).await
            })
        })
        .collect();
    eventually("two readers that wait", || async {
        crate::support::number(&watcher, for_it).await == 2
    })
    .await;
    let statement = Statement::from_string(store.backend(), "SELECT 1");
    let found = store.read().query_one_raw(statement).await;
    let refused = Error::from(found.unwrap_err());
    assert!(matches!(refused, Error::Overloaded), "{refused}");
    locked.rollback().await.unwrap();
    for one in busy {
        one.await.unwrap().unwrap();
    }
    assert!(run(store.read(), "SELECT 1").await.is_ok());
}

on_both_engines!(
    who_has_no_time_left_to_wait_is_told_so_before_it_is_over,
    callers_without_room_are_told_to_come_again_and_work_of_our_own_goes_on,
);

/// The wait for a connection is far longer than anybody's patience.
async fn who_has_no_time_left_to_wait_is_told_so_before_it_is_over(home: Home) {
    home.store().await.close().await;
    let config = StoreConfig {
        acquire_timeout_ms: Some(600_000),
        ..home.config()
    };
    let store = Store::open(&config, "cover", Clock::system())
        .await
        .unwrap();
    let mut held = vec![store.begin().await.unwrap()];
    if store.backend() == DbBackend::Postgres {
        held.push(store.begin().await.unwrap());
    }
    let begin = async |left: Duration| {
        let context = CallContext {
            deadline: Some(tokio::time::Instant::now() + left),
            ..CallContext::default()
        };
        let begun = context.scope(store.begin());
        tokio::time::timeout(WITHIN, begun).await.unwrap()
    };
    let begun = begin(Duration::from_secs(2)).await;
    assert!(matches!(begun, Err(Error::Overloaded)), "{begun:?}");
    drop(held.pop());
    eventually("a writer", || async { begin(WITHIN).await.is_ok() }).await;
}

/// Has so many places, and nobody waits.
#[derive(Debug, Clone)]
struct Door(Arc<AtomicUsize>);

impl Door {
    fn of(places: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(places)))
    }

    fn places(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A place of a door.
struct Place(Door);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Gate for Door {
    async fn enter(&self) -> Option<Permit> {
        let one_less = |places: usize| places.checked_sub(1);
        let taken = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less);
        taken.ok()?;
        Some(Box::new(Place(self.clone())))
    }
}

async fn callers_without_room_are_told_to_come_again_and_work_of_our_own_goes_on(home: Home) {
    let (writes, reads) = (Door::of(1), Door::of(1));
    let store = home.store().await;
    let store = store.behind(Arc::new(writes.clone()), Arc::new(reads.clone()));
    let called = || CallContext {
        deadline: Some(tokio::time::Instant::now() + WITHIN),
        ..CallContext::default()
    };
    // Who has a transaction has left the room.
    let tx = called().scope(store.begin()).await.unwrap();
    assert_eq!(writes.places(), 1);
    called().scope(insert_cover(&tx, "a", 1)).await.unwrap();
    tx.commit().await.unwrap();

    writes.0.store(0, Ordering::SeqCst);
    let begun = called().scope(store.begin()).await;
    assert!(matches!(begun, Err(Error::Overloaded)), "{begun:?}");
    assert_eq!(called().scope(covers(&store)).await, 1, "reads go on");
    assert_eq!(reads.places(), 1);
    store.begin().await.unwrap().rollback().await.unwrap();

    reads.0.store(0, Ordering::SeqCst);
    let found = called().scope(run(store.read(), "SELECT 1")).await;
    assert!(matches!(found, Err(Error::Overloaded)), "{found:?}");
    called().scope(store.ping()).await.unwrap();
    assert_eq!(covers(&store).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_without_room_are_told_that_a_database_is_away() {
    let server = covergen_testkit::Postgres::start().await;
    let config = StoreConfig::from_url(server.url());
    let store = Store::open(&config, "cover", Clock::system()).await;
    let store = store.unwrap();
    let store = store.behind(Arc::new(Door::of(0)), Arc::new(Door::of(0)));
    let begin = || {
        let called = CallContext {
            deadline: Some(tokio::time::Instant::now() + WITHIN),
            ..CallContext::default()
        };
        called.scope(store.begin())
    };
    let begun = begin().await;
    assert!(matches!(begun, Err(Error::Overloaded)), "{begun:?}");
    server.kill();
    eventually("that it is away", || async {
        matches!(begin().await, Err(Error::Unavailable(_)))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_its_caller_gives_up_before_it_begins_is_ended() {
    let database = covergen_testkit::postgres_database().await;
    let (store, watcher) = (
        open(&database, "cover").await,
        open(&database, "watcher").await,
    );
    // Given up at every point between asking and being answered.
    for step in 0..400 {
        let patience = std::time::Duration::from_micros(step * 5);
        let begun = tokio::time::timeout(patience, store.begin()).await;
        drop(begun);
    }
    eventually_none_is_left(&watcher).await;
    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "a", 1).await.unwrap();
    tx.commit().await.unwrap();
}

/// Well before the server itself ends transactions that idle, which is after
/// half a minute.
async fn eventually_none_is_left(watcher: &Store) {
    let left = "SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'covergen-cover' AND datname = current_database()
          AND state LIKE 'idle in transaction%'";
    for _ in 0..100 {
        if crate::support::number(watcher, left).await == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("a connection is still within a transaction that nobody has");
}
