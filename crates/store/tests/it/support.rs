//! A database per test, a small schema, and a dispatcher that records.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use covergen_ids::{Clock, EventId, WorkspaceId};
use covergen_store::{
    CommandDraft, DispatchFailure, Dispatcher, EventDraft, OutboxCommand, OutboxEvent, Relay,
    RelayHandle, RelayOptions, Store, StoreConfig, Tx,
};
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;

/// Longest wait for what must happen.
pub(crate) const WITHIN: Duration = Duration::from_secs(30);

/// Where one test's database lives.
pub(crate) struct Home {
    folder: tempfile::TempDir,
    database: Option<covergen_testkit::Database>,
}

impl Home {
    pub(crate) fn sqlite() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            database: None,
        }
    }

    pub(crate) async fn postgres() -> Self {
        let database = Some(covergen_testkit::postgres_database().await);
        Self {
            database,
            ..Self::sqlite()
        }
    }

    pub(crate) fn config(&self) -> StoreConfig {
        let url = match &self.database {
            Some(database) => database.url(),
            None => format!("sqlite://{}", self.file().display()),
        };
        StoreConfig {
            // Those that are about the wait say how long it is.
            acquire_timeout_ms: Some(60_000),
            ..StoreConfig::from_url(url)
        }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("store.sqlite")
    }

    /// A store of its own pools: another replica of the same service.
    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.config(), "cover", Clock::system())
            .await
            .unwrap()
    }

    /// A store with all tables.
    pub(crate) async fn store(&self) -> Store {
        let store = self.open().await;
        store.migrate(schema()).await.unwrap();
        store
    }
}

pub(crate) struct Sql(pub(crate) &'static str, pub(crate) &'static [&'static str]);

impl MigrationName for Sql {
    fn name(&self) -> &str {
        self.0
    }
}

#[async_trait]
impl MigrationTrait for Sql {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in self.1 {
            manager
                .get_connection()
                .execute_unprepared(statement)
                .await?;
        }
        Ok(())
    }
}

pub(crate) fn schema() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Sql(
        "cover_0001_covers",
        &[
            "CREATE TABLE covers (
                id TEXT PRIMARY KEY,
                workspace_id TEXT NOT NULL,
                slug TEXT NOT NULL,
                units BIGINT NOT NULL CONSTRAINT positive_units CHECK (units > 0),
                note TEXT,
                UNIQUE (workspace_id, slug))",
            "CREATE TABLE variants (
                id TEXT PRIMARY KEY,
                cover_id TEXT NOT NULL REFERENCES covers (id))",
        ],
    ))]
}

pub(crate) async fn run(conn: &impl ConnectionTrait, sql: &str) -> covergen_store::Result<u64> {
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    Ok(conn.execute_raw(statement).await?.rows_affected())
}

pub(crate) async fn insert_cover(tx: &Tx, id: &str, units: i64) -> covergen_store::Result<()> {
    let statement = Statement::from_sql_and_values(
        tx.get_database_backend(),
        "INSERT INTO covers (id, workspace_id, slug, units) VALUES ($1, 'w', $1, $2)",
        [Value::from(id), units.into()],
    );
    tx.execute_raw(statement).await?;
    Ok(())
}

pub(crate) async fn number(store: &Store, sql: &str) -> i64 {
    let statement = Statement::from_string(store.backend(), sql);
    let row = store
        .read()
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap();
    row.try_get_by_index(0).unwrap()
}

pub(crate) async fn covers(store: &Store) -> i64 {
    number(store, "SELECT count(*) FROM covers").await
}

/// An event for the tests, with a name as generated messages have.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct CoverGenerated {
    #[prost(string, tag = "1")]
    pub(crate) cover_id: String,
}

impl prost::Name for CoverGenerated {
    const NAME: &'static str = "CoverGenerated";
    const PACKAGE: &'static str = "covergen.cover.v1";
}

pub(crate) async fn emit(tx: &Tx, aggregate: &str) -> EventId {
    try_emit(tx, aggregate).await.unwrap()
}

pub(crate) async fn try_emit(tx: &Tx, aggregate: &str) -> covergen_store::Result<EventId> {
    let message = CoverGenerated {
        cover_id: aggregate.to_owned(),
    };
    let draft = EventDraft::new(&aggregate, WorkspaceId::SYSTEM, &message);
    tx.emit(draft).await
}

/// Emits one event in a transaction of its own.
pub(crate) async fn emit_now(store: &Store, aggregate: &str) -> EventId {
    let tx = store.begin().await.unwrap();
    let emitted = emit(&tx, aggregate).await;
    tx.commit().await.unwrap();
    emitted
}

/// Appends one command in a transaction of its own.
pub(crate) async fn command_now(store: &Store, name: &str, key: &str) {
    let tx = store.begin().await.unwrap();
    tx.command(CommandDraft::new(name, key, vec![1, 2, 3]))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

type Answer = Result<(), DispatchFailure>;
type Judge = Box<dyn Fn(&str, u32) -> Answer + Send + Sync>;

/// Records what it is handed, and answers as a test tells it.
pub(crate) struct Recorder {
    pub(crate) events: Mutex<Vec<OutboxEvent>>,
    pub(crate) commands: Mutex<Vec<OutboxCommand>>,
    /// Answers by aggregate or command name, and how often it was seen before.
    judge: Judge,
    /// Answers wait for permits of this gate.
    pub(crate) gate: Semaphore,
    arrived: Notify,
    /// Whether it says of itself that it takes nothing.
    pub(crate) is_away: AtomicBool,
    /// Says that it takes events again.
    pub(crate) returned: Arc<Notify>,
    /// How often it was asked whether it is away.
    asked: watch::Sender<u32>,
    /// How many events it was handed at a time.
    pub(crate) batches: Mutex<Vec<usize>>,
}

impl Recorder {
    pub(crate) fn judging(
        judge: impl Fn(&str, u32) -> Answer + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            events: Mutex::default(),
            commands: Mutex::default(),
            judge: Box::new(judge),
            gate: Semaphore::new(Semaphore::MAX_PERMITS >> 1),
            arrived: Notify::new(),
            is_away: AtomicBool::new(false),
            returned: Arc::default(),
            asked: watch::Sender::new(0),
            batches: Mutex::default(),
        })
    }

    pub(crate) fn new() -> Arc<Self> {
        Self::judging(|_, _| Ok(()))
    }

    /// One that answers nothing until permits are added to its gate.
    pub(crate) fn closed() -> Arc<Self> {
        let recorder = Self::new();
        recorder.gate.forget_permits(Semaphore::MAX_PERMITS);
        recorder
    }

    pub(crate) fn event_ids(&self) -> Vec<String> {
        self.events
            .lock()
            .unwrap()
            .iter()
            .map(|event| event.id.to_string())
            .collect()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.commands
            .lock()
            .unwrap()
            .iter()
            .map(|command| command.name.clone())
            .collect()
    }

    /// Waits until it was asked whether it is away.
    pub(crate) async fn asked(&self) {
        let mut asked = self.asked.subscribe();
        let asked = asked.wait_for(|times| *times > 0);
        tokio::time::timeout(WITHIN, asked).await.unwrap().unwrap();
    }

    /// Waits until something holds of what was recorded.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let wait = async {
            loop {
                let arrived = self.arrived.notified();
                if holds(self) {
                    return;
                }
                arrived.await;
            }
        };
        assert!(
            tokio::time::timeout(WITHIN, wait).await.is_ok(),
            "never came: {what}"
        );
    }
}

#[async_trait]
impl Dispatcher for Recorder {
    async fn publish(&self, events: Vec<OutboxEvent>) -> Vec<Answer> {
        let mut answers = Vec::new();
        self.batches.lock().unwrap().push(events.len());
        for event in &events {
            let seen = {
                let mut known = self.events.lock().unwrap();
                let seen = known.iter().filter(|other| other.id == event.id).count();
                known.push(event.clone());
                seen
            };
            answers.push((self.judge)(&event.aggregate, u32::try_from(seen).unwrap()));
        }
        self.arrived.notify_waiters();
        self.gate.acquire().await.unwrap().forget();
        answers
    }

    fn is_away(&self) -> bool {
        self.asked.send_modify(|times| *times += 1);
        self.is_away.load(Ordering::SeqCst)
    }

    fn returns(&self) -> BoxStream<'static, ()> {
        let returned = Arc::clone(&self.returned);
        stream::unfold(returned, |returned| async {
            returned.notified().await;
            Some(((), returned))
        })
        .boxed()
    }

    async fn command(&self, command: OutboxCommand) -> Answer {
        let name = command.name.clone();
        let seen = {
            let mut known = self.commands.lock().unwrap();
            let seen = known.iter().filter(|other| other.id == command.id).count();
            known.push(command);
            seen
        };
        self.arrived.notify_waiters();
        self.gate.acquire().await.unwrap().forget();
        (self.judge)(&name, u32::try_from(seen).unwrap())
    }
}

/// Short waits, and no polling that could stand in for being woken.
pub(crate) fn never_polls() -> RelayOptions {
    RelayOptions {
        poll_ms: 3_600_000,
        // Far longer than anything takes, so that batches are taken ahead.
        lease_ms: 60_000,
        backoff_min_ms: 1,
        backoff_max_ms: 4,
        ..options()
    }
}

/// Short waits and leases.
pub(crate) fn options() -> RelayOptions {
    RelayOptions {
        poll_ms: 20,
        lease_ms: 300,
        backoff_min_ms: 1,
        backoff_max_ms: 20,
        ..RelayOptions::default()
    }
}

pub(crate) fn relay(store: &Store, recorder: &Arc<Recorder>, options: RelayOptions) -> Running {
    let stop = CancellationToken::new();
    let dispatcher: Arc<dyn Dispatcher> = Arc::<Recorder>::clone(recorder);
    let handle = Relay::new(store, dispatcher)
        .options(options)
        .spawn(stop.clone());
    Running { stop, handle }
}

pub(crate) struct Running {
    pub(crate) stop: CancellationToken,
    pub(crate) handle: RelayHandle,
}

impl Running {
    pub(crate) async fn drained(&self) {
        assert!(
            self.handle.drained(WITHIN).await,
            "the outbox does not drain"
        );
    }

    pub(crate) async fn end(self) {
        self.stop.cancel();
        tokio::time::timeout(WITHIN, self.handle.join())
            .await
            .unwrap();
    }
}

/// Polls a condition on the real system.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + WITHIN;
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
