//! A loss is found while the process runs, whoever published meanwhile.

use std::collections::HashMap;
use std::path::Path;

use async_trait::async_trait;
use covergen_events::{Config, Record, Subject};
use covergen_ids::{Clock, SessionId, UserId, WorkspaceId};
use covergen_proto::auth::v1::SessionRevoked;
use covergen_store::{
    DispatchFailure, Dispatcher, EventDraft, OutboxCommand, OutboxEvent, Relay, StoreConfig,
};
use covergen_testkit::Proxy;
use sea_orm::ConnectionTrait as _;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::dispatch::Outlet;

/// A service that publishes, by its database and its log.
struct Desk {
    store: Store,
    events: Arc<dyn EventLog>,
    end: Arc<LogEnd>,
    folder: TempDir,
}

impl Desk {
    async fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("embedded://{}", file(folder.path()));
        Self::on(&Config::from_url(url), folder).await
    }

    async fn on(config: &Config, folder: TempDir) -> Self {
        let url = format!("sqlite://{}/{{service}}.sqlite", folder.path().display());
        let store = StoreConfig::from_url(url);
        let store = Store::open(&store, "auth", Clock::system()).await.unwrap();
        store.migrate(vec![]).await.unwrap();
        let events = covergen_events::open(config).await.unwrap();
        eventually("the stream is declared", async || {
            events.declare_stream("auth").await.is_ok()
        })
        .await;
        Self {
            store,
            events,
            end: Arc::default(),
            folder,
        }
    }

    fn outlet(&self) -> Outlet {
        Outlet {
            events: Arc::clone(&self.events),
            commands: HashMap::new(),
            end: Arc::clone(&self.end),
        }
    }

    /// Sends so many events through the outbox.
    async fn send(&self, count: usize, to: impl Dispatcher) {
        let clock = Clock::system();
        let user = UserId::new(&clock);
        let tx = self.store.begin().await.unwrap();
        for _ in 0..count {
            let event = SessionRevoked {
                user_id: user.to_string(),
                session_id: SessionId::new(&clock).to_string(),
                method: "logout".to_owned(),
            };
            let draft = EventDraft::new(&user, WorkspaceId::SYSTEM, &event);
            tx.emit(draft).await.unwrap();
        }
        tx.commit().await.unwrap();
        self.drain(to).await;
    }

    /// Sends what waits in the outbox.
    async fn drain(&self, to: impl Dispatcher) {
        let stop = CancellationToken::new();
        let relay = Relay::new(&self.store, Arc::new(to)).spawn(stop.clone());
        assert!(relay.drained(Duration::from_secs(30)).await);
        stop.cancel();
        relay.join().await;
    }

    /// Publishes as another replica does.
    async fn others_publish(&self, count: usize) {
        let subject = Subject::new("auth", "SessionRevoked", "usr_other").unwrap();
        let records = (0..count).map(|_| Record::new(Uuid::now_v7(), subject.clone(), vec![1]));
        self.events.publish(records.collect()).await.unwrap();
    }

    /// The log loses what comes behind a number, as one restored from a copy.
    async fn rewind(&self, to: u64) {
        let url = format!("sqlite://{}", file(self.folder.path()));
        let file = sea_orm::Database::connect(url).await.unwrap();
        for sql in [
            format!("DELETE FROM messages WHERE sequence > {to}"),
            format!("UPDATE sqlite_sequence SET seq = {to} WHERE name = 'messages'"),
            format!("UPDATE streams SET last_sequence = {to}"),
        ] {
            file.execute_unprepared(&sql).await.unwrap();
        }
    }

    /// How many of the events that the outbox takes for sent the log holds.
    async fn held(&self) -> (usize, usize) {
        self.held_now().await.unwrap()
    }

    /// The same, while the log may be away.
    async fn held_now(&self) -> Result<(usize, usize), LookError> {
        let sent = self.store.sent_events(0, None, PAGE).await?;
        let held = held("auth", self.events.as_ref(), 1).await?;
        let there = sent.iter().filter(|one| held.contains(&one.id)).count();
        Ok((there, sent.len()))
    }

    async fn look(&self, due: bool) {
        let events = self.events.as_ref();
        look("auth", &self.store, events, &self.end, due)
            .await
            .unwrap();
        self.drain(self.outlet()).await;
    }
}

fn file(folder: &Path) -> String {
    format!("{}/events.sqlite", folder.display())
}

async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Says of everything that it is in the log.
struct Lying;

#[async_trait]
impl Dispatcher for Lying {
    async fn publish(&self, events: Vec<OutboxEvent>) -> Vec<Result<(), DispatchFailure>> {
        events.iter().map(|_| Ok(())).collect()
    }

    async fn command(&self, _: OutboxCommand) -> Result<(), DispatchFailure> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_publish_in_the_place_of_a_lost_end_does_not_hide_it() {
    let desk = Desk::embedded().await;
    desk.send(3, desk.outlet()).await;
    desk.look(false).await;
    // As many, and more, than were lost; once before a look and once behind it.
    for others in [2, 1] {
        desk.rewind(2).await;
        desk.others_publish(others).await;
        let (there, sent) = desk.held().await;
        assert_eq!(there + 1, sent);
        desk.look(false).await;
        assert_eq!(desk.held().await, (3, 3));
        desk.look(false).await;
    }
}

/// What the process published was long before, and the others' was lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_loss_is_found_from_where_it_began() {
    let desk = Desk::embedded().await;
    desk.send(2, desk.outlet()).await;
    let other = Outlet {
        end: Arc::default(),
        ..desk.outlet()
    };
    desk.look(false).await;
    desk.send(50, other).await;
    desk.look(false).await;
    desk.rewind(2).await;
    desk.others_publish(60).await;
    assert_eq!(desk.held().await, (2, 52));
    desk.look(false).await;
    assert_eq!(desk.held().await, (52, 52));
    assert_eq!(desk.end.from(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_lost_nothing_is_left_alone() {
    let desk = Desk::embedded().await;
    for _ in 0..3 {
        desk.send(2, desk.outlet()).await;
        desk.others_publish(2).await;
        desk.look(false).await;
        assert_eq!(desk.end.from(), None);
    }
    let info = desk.events.stream_info("auth").await.unwrap();
    assert_eq!(info.last_sequence, 12);
}

/// What is lost with a connection shows in no number that this process was
/// given.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_each_connection_the_log_is_compared_anew() {
    let nats = covergen_testkit::nats().await;
    let proxy = Proxy::before(nats.url());
    let mut config = Config::from_url(proxy.url(nats.url()));
    config.namespace = nats.namespace().to_owned();
    config.max_stream_bytes = 16 * 1024 * 1024;
    let desk = Desk::on(&config, tempfile::tempdir().unwrap()).await;
    desk.send(1, Lying).await;
    let shutdown = CancellationToken::new();
    let (events, end) = (Arc::clone(&desk.events), Arc::clone(&desk.end));
    let looking = run("auth", desk.store.clone(), events, end, shutdown.clone());
    let looking = tokio::spawn(looking);
    // What the look at the start finds is sent again; from then on it is over.
    let unsent = async || desk.held().await == (0, 0);
    eventually("the first look", unsent).await;
    desk.drain(desk.outlet()).await;
    eventually("it is over", async || desk.end.from().is_none()).await;

    desk.send(1, Lying).await;
    assert_eq!(desk.held().await, (1, 2));
    proxy.reset();
    let looked = async || desk.held_now().await.is_ok_and(|held| held == (1, 1));
    eventually("the next look", looked).await;
    desk.drain(desk.outlet()).await;
    assert_eq!(desk.held().await, (2, 2));
    shutdown.cancel();
    looking.await.unwrap();
}
