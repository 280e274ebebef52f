//! Events at hand share a transaction, and what one of them does wrong falls on
//! itself alone.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use covergen_chassis::{
    Applied, BoxError, Context, Event, HandlerError, Harness, Service, Subscription, Wiring,
};
use covergen_events::{ConsumerSpec, Position};
use covergen_ids::{Clock, SessionId};
use covergen_proto::auth::v1::SessionRevoked;
use covergen_store::{Advance, Store, Tx};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::sync::Semaphore;

use crate::service::{Probe, end_session, eventually};

const EVENTS: usize = 12;

/// What the handler of a session does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    Poison,
    PanicsOnce,
}

/// A service that hears of sessions that ended.
#[derive(Clone)]
struct Listener {
    wrong: Option<(SessionId, Wrong)>,
    /// Handlers wait for it.
    go_on: Arc<Semaphore>,
    /// Calls of the handler that saw what another event had written and nobody
    /// committed yet.
    sharing: Arc<AtomicUsize>,
    panicked: Arc<AtomicUsize>,
    /// How often each session's event was told of after its commit, and had its
    /// effect then.
    committed: Arc<Mutex<HashMap<String, usize>>>,
    store: Arc<Mutex<Option<Store>>>,
}

impl Listener {
    fn new(wrong: Option<(SessionId, Wrong)>) -> Self {
        Self {
            wrong,
            go_on: Arc::new(Semaphore::new(0)),
            sharing: Arc::default(),
            panicked: Arc::default(),
            committed: Arc::default(),
            store: Arc::default(),
        }
    }

    fn service(&self) -> Service {
        let listener = self.clone();
        Service::new("listener", move |context: Context| async move {
            let store = context.store.clone();
            *listener.store.lock().unwrap() = Some(store.clone());
            let subscription = Subscription::new("auth", "listener").once(
                &store,
                move |tx, event: Event<SessionRevoked>| {
                    let listener = listener.clone();
                    Box::pin(async move { listener.hear(tx, event.message.session_id).await })
                },
            );
            Ok::<_, BoxError>(Wiring::new().subscribe(subscription))
        })
    }

    async fn hear(self, tx: &Tx, session: String) -> Result<Applied, HandlerError> {
        let _ = self.go_on.acquire().await;
        let store = self.store.lock().unwrap().clone().unwrap();
        if effects(tx).await > effects(store.read()).await {
            self.sharing.fetch_add(1, Ordering::SeqCst);
        }
        let effect = tx.advance("effects", &session, 1).await;
        assert_eq!(effect.map_err(HandlerError::retry)?, Advance::Apply);
        match self.wrong {
            Some((bad, Wrong::Poison)) if bad.to_string() == session => {
                return Err(HandlerError::Poison("never".into()));
            }
            Some((bad, Wrong::PanicsOnce)) if bad.to_string() == session => {
                let before = self.panicked.fetch_add(1, Ordering::SeqCst);
                assert!(before > 0, "injected");
            }
            _ => {}
        }
        Ok(Applied::then(async move {
            let tx = store.begin().await.unwrap();
            let effect = tx.advance("effects", &session, 1).await.unwrap();
            assert_eq!(effect, Advance::Stale, "it is not committed");
            *self.committed.lock().unwrap().entry(session).or_default() += 1;
        }))
    }

    async fn effects(&self) -> i64 {
        let store = self.store.lock().unwrap().clone().unwrap();
        effects(store.read()).await
    }

    fn committed(&self, session: SessionId) -> usize {
        let committed = self.committed.lock().unwrap();
        committed.get(&session.to_string()).copied().unwrap_or(0)
    }
}

async fn effects(db: &impl ConnectionTrait) -> i64 {
    let sql = "SELECT count(*) AS n FROM inbox_positions WHERE consumer = 'effects'";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql));
    row.await.unwrap().unwrap().try_get("", "n").unwrap()
}

struct World {
    harness: Harness,
    listener: Listener,
    sessions: Vec<SessionId>,
}

impl World {
    /// As many events as are handled together, of which the handler of one may
    /// do something wrong, are at hand when the first is handled.
    async fn with_events_at_hand(wrong: Option<Wrong>) -> Self {
        let clock = Clock::system();
        let sessions: Vec<SessionId> = (0..EVENTS).map(|_| SessionId::new(&clock)).collect();
        let listener = Listener::new(wrong.map(|wrong| (sessions[EVENTS / 2], wrong)));
        let services = vec![Probe::new().service("auth"), listener.service()];
        let harness = Harness::start(services).await;
        for session in &sessions {
            end_session(&harness, "auth", *session).await;
        }
        let events = harness.hosted().events();
        eventually("all are at hand", || async {
            let info = events.consumer_info("auth", "listener").await;
            info.is_ok_and(|info| info.in_flight == EVENTS as u64)
        })
        .await;
        listener.go_on.add_permits(EVENTS);
        Self {
            harness,
            listener,
            sessions,
        }
    }

    async fn until_settled(&self) {
        let events = self.harness.hosted().events();
        eventually("all are settled", || async {
            let info = events.consumer_info("auth", "listener").await;
            info.is_ok_and(|info| info.in_flight + info.pending == 0)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_at_hand_share_a_transaction() {
    let world = World::with_events_at_hand(None).await;
    world.until_settled().await;
    let listener = &world.listener;
    assert!(listener.sharing.load(Ordering::SeqCst) > 0, "none shared");
    for session in &world.sessions {
        assert_eq!(listener.committed(*session), 1);
    }
    // And none takes effect again.
    let events = world.harness.hosted().events();
    let spec = ConsumerSpec::new("auth", "listener");
    events.rewind(&spec, Position::Beginning).await.unwrap();
    world.until_settled().await;
    for session in &world.sessions {
        assert_eq!(listener.committed(*session), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_events_that_share_a_transaction_the_poisonous_is_parked_alone() {
    let world = World::with_events_at_hand(Some(Wrong::Poison)).await;
    world.until_settled().await;
    for (at, session) in world.sessions.iter().enumerate() {
        let expected = usize::from(at != EVENTS / 2);
        assert_eq!(world.listener.committed(*session), expected, "{at}");
    }
    assert_eq!(world.listener.effects().await, EVENTS as i64 - 1);
    let events = world.harness.hosted().events();
    assert_eq!(events.stream_info("auth").await.unwrap().dead_letters, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_among_events_that_share_a_transaction_undoes_them_and_no_more() {
    let world = World::with_events_at_hand(Some(Wrong::PanicsOnce)).await;
    world.until_settled().await;
    for session in &world.sessions {
        assert_eq!(world.listener.committed(*session), 1);
    }
    assert_eq!(world.listener.effects().await, EVENTS as i64);
    assert_eq!(world.listener.panicked.load(Ordering::SeqCst), 2);
}
