//! Events come at least once and take effect once.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use covergen_chassis::{
    BoxError, Context, Event, HandlerError, Harness, ReadModel, Service, Subscription, Wiring,
};
use covergen_ids::{Clock, SessionId};
use covergen_proto::auth::v1::SessionRevoked;
use covergen_store::Store;
use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use tokio::sync::Semaphore;

use crate::service::{Probe, end_session, eventually};

/// What the listening service did.
#[derive(Clone, Default)]
struct Heard {
    delivered: Arc<Mutex<Vec<String>>>,
    applied: Arc<Mutex<Vec<String>>>,
}

fn count(list: &Mutex<Vec<String>>, session: SessionId) -> usize {
    let session = session.to_string();
    list.lock()
        .unwrap()
        .iter()
        .filter(|other| **other == session)
        .count()
}

/// A service that hears auth's events. The first word of each session is
/// applied and then not acknowledged, as when a process dies in between; those
/// in `poison` can never be handled.
fn listener(heard: &Heard, poison: Vec<SessionId>) -> Service {
    let heard = heard.clone();
    Service::new("listener", move |context: Context| async move {
        let store = context.store.clone();
        let subscription =
            Subscription::new("auth", "listener").on(move |event: Event<SessionRevoked>| {
                let (store, heard, poison) = (store.clone(), heard.clone(), poison.clone());
                async move {
                    let session = event.message.session_id.clone();
                    if poison.iter().any(|bad| bad.to_string() == session) {
                        return Err(HandlerError::Poison("never".into()));
                    }
                    let before = {
                        let mut delivered = heard.delivered.lock().unwrap();
                        delivered.push(session.clone());
                        delivered.iter().filter(|other| **other == session).count()
                    };
                    let tx = store.begin().await.map_err(HandlerError::retry)?;
                    let first = tx.first_delivery("listener", &event.id).await;
                    if first.map_err(HandlerError::retry)? {
                        heard.applied.lock().unwrap().push(session);
                    }
                    tx.commit().await.map_err(HandlerError::retry)?;
                    if before == 1 {
                        return Err(HandlerError::retry("the acknowledgement was lost"));
                    }
                    Ok(())
                }
            });
        Ok::<_, BoxError>(Wiring::new().subscribe(subscription))
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_comes_again_takes_effect_once() {
    let heard = Heard::default();
    let services = vec![Probe::new().service("auth"), listener(&heard, vec![])];
    let harness = Harness::start(services).await;
    let sessions: Vec<SessionId> = (0..3).map(|_| SessionId::new(harness.clock())).collect();
    for session in &sessions {
        end_session(&harness, "auth", *session).await;
    }
    eventually("every event comes again", || async {
        sessions
            .iter()
            .all(|session| count(&heard.delivered, *session) == 2)
    })
    .await;
    for session in sessions {
        assert_eq!(count(&heard.applied, session), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_can_never_be_handled_does_not_hold_up_the_next() {
    let heard = Heard::default();
    let clock = Clock::system();
    let (bad, good) = (SessionId::new(&clock), SessionId::new(&clock));
    let services = vec![Probe::new().service("auth"), listener(&heard, vec![bad])];
    let harness = Harness::start(services).await;
    end_session(&harness, "auth", bad).await;
    end_session(&harness, "auth", good).await;
    eventually("the next one is handled", || async {
        count(&heard.applied, good) == 1
    })
    .await;
    assert_eq!(count(&heard.delivered, bad), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_panics_does_not_end_its_subscription() {
    let clock = Clock::system();
    let (bad, good) = (SessionId::new(&clock), SessionId::new(&clock));
    let handled: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&handled);
    let listener = Service::new("listener", move |_: Context| async move {
        let subscription =
            Subscription::new("auth", "listener").on(move |event: Event<SessionRevoked>| {
                let session = event.message.session_id;
                heard.lock().unwrap().push(session.clone());
                assert_ne!(session, bad.to_string(), "injected");
                async { Ok(()) }
            });
        Ok::<_, BoxError>(Wiring::new().subscribe(subscription))
    });
    let harness = Harness::start(vec![Probe::new().service("auth"), listener]).await;
    end_session(&harness, "auth", bad).await;
    eventually("it comes again after it panicked", || async {
        count(&handled, bad) >= 2
    })
    .await;
    end_session(&harness, "auth", good).await;
    eventually("the next one is handled", || async {
        count(&handled, good) == 1
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_before_a_restart_are_heard_after_it() {
    let probe = Probe::new();
    let harness = Harness::start(vec![probe.service("auth")]).await;
    let session = SessionId::new(harness.clock());
    end_session(&harness, "auth", session).await;
    let heard = Heard::default();
    let services = vec![probe.service("auth"), listener(&heard, vec![])];
    let harness = harness.restart(services, |_| {}).await;
    eventually("what was said before is heard", || async {
        count(&heard.applied, session) == 1
    })
    .await;
    harness.stop().await;
}

/// The gate before a read model cannot be asked while its database does not
/// answer: the event stays where it is, and no delivery is used up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gate_that_cannot_be_asked_parks_nothing() {
    let handled: Arc<Mutex<Vec<String>>> = Arc::default();
    let (heard, kept) = (Arc::clone(&handled), Arc::new(Mutex::new(None)));
    let keep = Arc::clone(&kept);
    let folder = Service::new("folder", move |context: Context| async move {
        *keep.lock().unwrap() = Some(context.store.clone());
        let subscription =
            Subscription::new("auth", "folder").on(move |event: Event<SessionRevoked>| {
                heard.lock().unwrap().push(event.message.session_id);
                async { Ok(()) }
            });
        let model = ReadModel::new("folder-sessions", |_| Box::pin(async { Ok(()) }));
        Ok::<_, BoxError>(Wiring::new().read_model(model.reads(subscription)))
    });
    let harness = Harness::start(vec![Probe::new().service("auth"), folder]).await;
    let store = kept.lock().unwrap().clone().unwrap();
    let rename = async |from: &str, to: &str| {
        let tx = store.begin().await.unwrap();
        let sql = format!("ALTER TABLE {from} RENAME TO {to}");
        tx.execute_unprepared(&sql).await.unwrap();
        tx.commit().await.unwrap();
    };
    rename("event_jobs", "elsewhere").await;
    let session = SessionId::new(harness.clock());
    end_session(&harness, "auth", session).await;
    let events = harness.hosted().events();
    let began = std::time::Instant::now();
    eventually("it waits for some looks", || async {
        let info = events.consumer_info("auth", "folder").await;
        info.is_ok_and(|info| info.in_flight == 1) && began.elapsed().as_secs() >= 2
    })
    .await;
    assert_eq!(count(&handled, session), 0);
    rename("elsewhere", "event_jobs").await;
    eventually("it is handled", || async { count(&handled, session) == 1 }).await;
    assert_eq!(events.stream_info("auth").await.unwrap().dead_letters, 0);
}

/// A listener of one kind of session that keeps its store at hand.
fn refusing(handled: &Arc<Mutex<Vec<String>>>, kept: &Arc<Mutex<Option<Store>>>) -> Service {
    let (handled, kept) = (Arc::clone(handled), Arc::clone(kept));
    Service::new("listener", move |context: Context| async move {
        *kept.lock().unwrap() = Some(context.store.clone());
        let subscription = Subscription::new("auth", "listener")
            .ack_wait(Duration::from_millis(500))
            .on(move |event: Event<SessionRevoked>| {
                handled.lock().unwrap().push(event.message.session_id);
                async { Err(HandlerError::Poison("never".into())) }
            });
        Ok::<_, BoxError>(Wiring::new().subscribe(subscription))
    })
}

/// An event that the log cannot park just now goes on counting; it does not
/// begin anew with every delivery.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_parked_does_not_count_anew() {
    let (handled, kept) = (Arc::default(), Arc::new(Mutex::new(None)));
    let services = vec![Probe::new().service("auth"), refusing(&handled, &kept)];
    let harness = Harness::start(services).await;
    let store = kept.lock().unwrap().clone().unwrap();
    let attempts = async || {
        let tx = store.begin().await.unwrap();
        let sql = "SELECT coalesce(max(attempts), 0) AS n FROM inbox_attempts";
        let row = tx.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql));
        let row = row.await.unwrap().unwrap();
        row.try_get::<i64>("", "n").unwrap()
    };
    let file = harness.folder().join("events.sqlite");
    let file = format!("sqlite://{}", file.display());
    let log = Database::connect(file).await.unwrap();
    let rename = async |from: &str, to: &str| {
        let sql = format!("ALTER TABLE {from} RENAME TO {to}");
        log.execute_unprepared(&sql).await.unwrap();
    };
    rename("dead_letters", "elsewhere").await;
    let session = SessionId::new(harness.clock());
    end_session(&harness, "auth", session).await;
    eventually("it comes more often than it may begin", || async {
        attempts().await >= 7
    })
    .await;
    assert_eq!(count(&handled, session), 5);
    rename("elsewhere", "dead_letters").await;
    let events = harness.hosted().events();
    eventually("it is parked", || async {
        let info = events.stream_info("auth").await;
        info.is_ok_and(|info| info.dead_letters == 1) && attempts().await == 0
    })
    .await;
    assert_eq!(count(&handled, session), 5);
    let letters = events.dead_letters("auth", 0, 9).await.unwrap();
    assert_eq!(letters[0].delivery_count, 5);
}

/// Events that come again and take long leave room for those that come first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_under_suspicion_do_not_hold_up_first_deliveries() {
    let handled: Arc<Mutex<Vec<String>>> = Arc::default();
    let go_on = Arc::new(Semaphore::new(0));
    let slow: Arc<Mutex<Vec<SessionId>>> = Arc::default();
    let (heard, wait, held) = (Arc::clone(&handled), Arc::clone(&go_on), Arc::clone(&slow));
    let listener = Service::new("listener", move |_: Context| async move {
        let subscription =
            Subscription::new("auth", "listener").on(move |event: Event<SessionRevoked>| {
                let session = event.message.session_id;
                let is_slow = held
                    .lock()
                    .unwrap()
                    .iter()
                    .any(|one| one.to_string() == session);
                heard.lock().unwrap().push(session.clone());
                let comes_again = heard
                    .lock()
                    .unwrap()
                    .iter()
                    .filter(|one| **one == session)
                    .count()
                    > 1;
                let wait = Arc::clone(&wait);
                async move {
                    if is_slow && !comes_again {
                        return Err(HandlerError::retry("once more"));
                    }
                    if is_slow {
                        let _ = wait.acquire().await;
                    }
                    Ok(())
                }
            });
        Ok::<_, BoxError>(Wiring::new().subscribe(subscription))
    });
    let harness = Harness::start(vec![Probe::new().service("auth"), listener]).await;
    let sessions: Vec<SessionId> = (0..12).map(|_| SessionId::new(harness.clock())).collect();
    slow.lock().unwrap().clone_from(&sessions);
    for session in &sessions {
        end_session(&harness, "auth", *session).await;
    }
    eventually("the turn is passed on", || async {
        sessions
            .iter()
            .filter(|one| count(&handled, **one) == 2)
            .count()
            >= 3
    })
    .await;
    let good = SessionId::new(harness.clock());
    end_session(&harness, "auth", good).await;
    eventually("another one is handled beside them", || async {
        count(&handled, good) == 1
    })
    .await;
    go_on.close();
}

/// Answers of the server would be waited for longer than any test may take.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_go_on_while_nats_is_away_and_are_heard_when_it_is_back() {
    let server = covergen_testkit::Nats::start().await;
    let heard = Heard::default();
    let services = vec![Probe::new().service("auth"), listener(&heard, vec![])];
    let harness = Harness::start_with(services, Clock::system(), |config| {
        config.events.url = server.url();
        config.events.max_stream_bytes = 64 * 1024 * 1024;
        config.events.request_timeout_ms = 600_000;
    })
    .await;
    let before = SessionId::new(harness.clock());
    end_session(&harness, "auth", before).await;
    eventually("what is said before is heard", || async {
        count(&heard.applied, before) == 1
    })
    .await;
    server.kill();
    let link = harness.hosted().events().link();
    eventually("it is away", || async { !link.is_up() }).await;
    let sessions: Vec<SessionId> = (0..20).map(|_| SessionId::new(harness.clock())).collect();
    let writing = async {
        for session in &sessions {
            end_session(&harness, "auth", *session).await;
        }
    };
    let within = std::time::Duration::from_secs(30);
    tokio::time::timeout(within, writing).await.unwrap();
    let _server = server.restart().await;
    eventually("all of it is heard", || async {
        let mut each = sessions.iter();
        each.all(|session| count(&heard.applied, *session) == 1)
    })
    .await;
}
