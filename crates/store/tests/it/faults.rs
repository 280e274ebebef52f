//! A PostgreSQL server that dies, hangs and comes back.

use std::time::Duration;

use covergen_ids::Clock;
use covergen_store::{Error, Store, StoreConfig};
use covergen_testkit::{Postgres, Proxy, Server};

use crate::support::{
    Recorder, covers, eventually, insert_cover, number, options, relay, schema, try_emit,
};

async fn open(server: &Server) -> Store {
    open_at(&server.url()).await
}

async fn open_at(address: &str) -> Store {
    open_waiting(address, 500).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_gives_unavailable_never_a_false_success_and_recovers() {
    let server = Postgres::start().await;
    let store = open_patiently(&server.url()).await;
    let recorder = Recorder::new();
    let running = relay(&store, &recorder, options());
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for n in 0.. {
                    let id = format!("c{writer}-{n}");
                    match write(&store, &id).await {
                        Ok(()) => acknowledged.push(id),
                        Err(error) => {
                            assert!(matches!(error, Error::Unavailable(_)), "{error}");
                            break;
                        }
                    }
                }
                acknowledged
            })
        })
        .collect();
    eventually("some writes", || async { covers(&store).await > 20 }).await;
    server.kill();
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    for _ in 0..3 {
        let begun = store.begin().await;
        assert!(matches!(begun, Err(Error::Unavailable(_))), "{begun:?}");
        assert!(matches!(store.ping().await, Err(Error::Unavailable(_))));
    }

    let server = server.restart().await;
    eventually("the recovery", || async { store.ping().await.is_ok() }).await;
    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "after", 1).await.unwrap();
    tx.commit().await.unwrap();
    for id in &acknowledged {
        let sql = format!("SELECT count(*) FROM covers WHERE id = '{id}'");
        assert_eq!(number(&store, &sql).await, 1, "{id} was acknowledged");
    }
    running.drained().await;
    let published = recorder.events.lock().unwrap().clone();
    for id in &acknowledged {
        assert!(
            published.iter().any(|event| event.aggregate == *id),
            "{id}'s event was lost"
        );
    }
    running.end().await;
    drop(server);
}

async fn write(store: &Store, id: &str) -> covergen_store::Result<()> {
    let tx = store.begin().await?;
    insert_cover(&tx, id, 1).await?;
    try_emit(&tx, id).await?;
    tx.commit().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_cut_off_by_the_servers_death_is_no_success() {
    let server = Postgres::start().await;
    let store = open(&server).await;
    let tx = store.begin().await.unwrap();
    insert_cover(&tx, "c1", 1).await.unwrap();
    server.kill();
    let committed = tx.commit().await;
    assert!(
        matches!(committed, Err(Error::Unavailable(_))),
        "{committed:?}"
    );
    let server = server.restart().await;
    eventually("the recovery", || async { store.ping().await.is_ok() }).await;
    assert_eq!(covers(&store).await, 0);
    drop(server);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hung_server_is_reported_and_usable_again_once_it_goes_on() {
    let server = Postgres::start().await;
    let store = open(&server).await;
    store.ping().await.unwrap();
    let mut answers = store.answers();
    server.freeze();
    let answer = tokio::time::timeout(Duration::from_secs(20), store.ping()).await;
    assert!(
        matches!(answer, Ok(Err(Error::Unavailable(_)))),
        "{answer:?}"
    );
    // Its connections are open, and its port takes new ones: nobody answers.
    let known = tokio::time::timeout(AT_ONCE, answers.wait_for(|answers| !answers));
    known.await.expect("it is known to be away").unwrap();
    let begun = tokio::time::timeout(Duration::from_secs(60), store.begin()).await;
    assert!(matches!(begun, Ok(Err(Error::Unavailable(_)))), "{begun:?}");
    server.thaw();
    eventually("the recovery", || async { store.ping().await.is_ok() }).await;
    store.begin().await.unwrap().rollback().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stranded_connections_fail_calls_by_their_deadline_and_are_replaced() {
    let server = Postgres::start().await;
    let proxy = Proxy::before(server.url());
    let store = open_at(&proxy.url(&server.url())).await;
    write(&store, "before").await.unwrap();
    let half_done = store.begin().await.unwrap();
    insert_cover(&half_done, "half", 1).await.unwrap();
    let before = proxy.opened();
    proxy.strand();
    // No caller waits longer than this: who is gone lets go of its connection,
    // and what the connection held.
    let within = Duration::from_secs(2);
    let committed = tokio::time::timeout(within, half_done.commit()).await;
    assert!(!matches!(committed, Ok(Ok(()))), "{committed:?}");
    eventually("writes and reads go on", || async {
        let tried = async {
            store.ping().await?;
            write(&store, "after").await
        };
        matches!(tokio::time::timeout(within, tried).await, Ok(Ok(())))
    })
    .await;
    assert!(proxy.opened() > before, "on other connections");
    assert_eq!(
        covers(&store).await,
        2,
        "what was not committed is not there"
    );
}

/// With a wait for connections that nobody has patience for.
async fn open_patiently(address: &str) -> Store {
    open_waiting(address, 60_000).await
}

/// With a wait for connections of so many milliseconds.
async fn open_waiting(address: &str, acquire_timeout_ms: u64) -> Store {
    let (server_part, _) = address.rsplit_once('/').unwrap();
    let config = StoreConfig {
        acquire_timeout_ms: Some(acquire_timeout_ms),
        ..StoreConfig::from_url(format!("{server_part}/covergen_{{service}}"))
    };
    let store = Store::open(&config, "cover", Clock::system())
        .await
        .unwrap();
    store.migrate(schema()).await.unwrap();
    store
}

/// Longer than anything takes here that does not wait for a connection.
const AT_ONCE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_a_connection_to_a_server_that_is_away() {
    let server = Postgres::start().await;
    let proxy = Proxy::before(server.url());
    let store = open_patiently(&proxy.url(&server.url())).await;
    write(&store, "before").await.unwrap();
    let mut answers = store.answers();
    assert!(*answers.borrow_and_update());
    // All writers' places are taken: whoever comes now waits for one.
    let held = [store.begin().await.unwrap(), store.begin().await.unwrap()];
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.begin().await }
    });
    proxy.refuse();
    // Somebody finds out, and all who wait are told.
    let read = tokio::time::timeout(AT_ONCE, crate::support::run(store.read(), "SELECT 1")).await;
    assert!(matches!(read, Ok(Err(Error::Unavailable(_)))), "{read:?}");
    let waited = tokio::time::timeout(AT_ONCE, waiting)
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(waited, Err(Error::Unavailable(_))), "{waited:?}");
    answers.wait_for(|answers| !answers).await.unwrap();
    for _ in 0..20 {
        let begun = tokio::time::timeout(AT_ONCE, store.begin()).await;
        assert!(matches!(begun, Ok(Err(Error::Unavailable(_)))), "{begun:?}");
    }
    assert!(matches!(store.ping().await, Err(Error::Unavailable(_))));
    drop(held);

    proxy.heal();
    let back = tokio::time::timeout(AT_ONCE, answers.wait_for(|answers| *answers));
    back.await.expect("it is found again").unwrap();
    // The first that asks is answered.
    write(&store, "after").await.unwrap();
    assert_eq!(covers(&store).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_break_do_not_make_a_server_that_is_there_away() {
    let server = Postgres::start().await;
    let proxy = Proxy::before(server.url());
    let store = open_patiently(&proxy.url(&server.url())).await;
    let mut answers = store.answers();
    answers.mark_unchanged();
    for round in 0..3 {
        let half_done = store.begin().await.unwrap();
        let looks = proxy.opened();
        proxy.reset();
        insert_cover(&half_done, "half", 1).await.unwrap_err();
        eventually("a look", || async { proxy.opened() > looks }).await;
        write(&store, &format!("c{round}")).await.unwrap();
    }
    assert!(!answers.has_changed().unwrap(), "it was taken for away");
}

/// As where this process, or the server, has no more to give for now.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_no_new_connections_is_there_for_those_that_have_one() {
    let server = Postgres::start().await;
    let proxy = Proxy::before(server.url());
    let store = open_patiently(&proxy.url(&server.url())).await;
    write(&store, "before").await.unwrap();
    assert_eq!(covers(&store).await, 1);
    let mut answers = store.answers();
    answers.mark_unchanged();
    proxy.turn_away();
    let held = store.begin().await.unwrap();
    // One more waits for a connection of its own, or for this one after that,
    // and has somebody look all the while.
    let waiting = [(); 2].map(|()| {
        let store = store.clone();
        tokio::spawn(async move { store.begin().await })
    });
    let taken_for_away = tokio::time::timeout(Duration::from_secs(4), answers.changed()).await;
    assert!(taken_for_away.is_err(), "it was taken for away");
    insert_cover(&held, "meanwhile", 1).await.unwrap();
    held.commit().await.unwrap();
    assert_eq!(covers(&store).await, 2);
    for waits in waiting {
        waits.abort();
    }
}

/// The connections of a store are used without a ping for a second after this.
async fn warm(store: &Store) {
    let both = [store.begin().await.unwrap(), store.begin().await.unwrap()];
    for tx in both {
        tx.commit().await.unwrap();
    }
    store.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_all_connections_hang_nobody_is_told_that_there_are_too_many_callers() {
    let server = Postgres::start().await;
    let proxy = Proxy::before(server.url());
    let store = open_waiting(&proxy.url(&server.url()), 1_500).await;
    warm(&store).await;
    proxy.strand();
    let work = (0..12).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            match n % 3 {
                0 => crate::support::run(store.read(), "SELECT 1")
                    .await
                    .map(drop),
                1 => write(&store, &format!("c{n}")).await,
                _ => store
                    .request_job("kind", &format!("j{n}"), "")
                    .await
                    .map(drop),
            }
        })
    });
    for one in work.collect::<Vec<_>>() {
        let told = tokio::time::timeout(AT_ONCE, one).await.unwrap().unwrap();
        assert!(
            matches!(told, Ok(()) | Err(Error::Unavailable(_))),
            "{told:?}"
        );
    }
    eventually("writes go on", || async {
        write(&store, "after").await.is_ok()
    })
    .await;
    // No place is held for a connection that nobody has any more.
    let all = async { [store.begin().await, store.begin().await] };
    let all = tokio::time::timeout(AT_ONCE, all).await.unwrap();
    assert!(all.iter().all(Result::is_ok), "{all:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_nobody_hears_is_told_so_and_holds_nothing() {
    let server = Postgres::start().await;
    let proxy = Proxy::before(server.url());
    let store = open_waiting(&proxy.url(&server.url()), 1_500).await;
    write(&store, "a").await.unwrap();
    let touch = "UPDATE covers SET units = units + 1 WHERE id = 'a'";
    let half_done = store.begin().await.unwrap();
    crate::support::run(&half_done, touch).await.unwrap();
    proxy.strand();
    let told = tokio::time::timeout(AT_ONCE, half_done.commit()).await;
    assert!(matches!(told, Ok(Err(Error::Unavailable(_)))), "{told:?}");
    // The server would wait half a minute for more of it.
    let freed = eventually("the row is free", || async {
        let Ok(tx) = store.begin().await else {
            return false;
        };
        crate::support::run(&tx, touch).await.is_ok() && tx.commit().await.is_ok()
    });
    tokio::time::timeout(AT_ONCE, freed).await.unwrap();
    let units = "SELECT units FROM covers WHERE id = 'a'";
    assert_eq!(
        number(&store, units).await,
        2,
        "what was not committed is gone"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_that_nobody_works_at_are_told_so_and_those_that_take_long_go_on() {
    let server = Postgres::start().await;
    let proxy = Proxy::before(server.url());
    let store = open_waiting(&proxy.url(&server.url()), 1_500).await;
    let read = |sql: &'static str| {
        let store = store.clone();
        tokio::spawn(async move { crate::support::run(store.read(), sql).await })
    };
    // All connections there are, at work on something long.
    let slow = [read("SELECT pg_sleep(3)"), read("SELECT pg_sleep(3)")];
    for one in slow {
        one.await.unwrap().unwrap();
    }
    // Now they are there, and used without a ping.
    let begun = std::time::Instant::now();
    proxy.strand();
    let lost = [read("SELECT 1"), read("SELECT 2"), read("SELECT 3")];
    for one in lost {
        let told = tokio::time::timeout(AT_ONCE, one).await.unwrap().unwrap();
        assert!(
            matches!(told, Ok(_) | Err(Error::Unavailable(_))),
            "{told:?}"
        );
    }
    eventually("reads go on", || async {
        crate::support::run(store.read(), "SELECT 1").await.is_ok()
    })
    .await;
    assert!(begun.elapsed() < AT_ONCE);
}
