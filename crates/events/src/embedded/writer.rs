use std::collections::HashMap;
use std::fs::File;

use sea_orm::sqlx::{self, Connection, Row, SqliteConnection};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::command::{Command, Finish, Reply, Survive, Work};
use super::failure;
use super::state::{Consumer, Flight, Key};
use crate::{ConsumerSpec, Error, Result};

/// Operations that share one transaction at most. More would only make the
/// first of them wait longer.
const MAX_BATCH: usize = 512;

/// The one task that writes. Whatever waits when it is free goes into one
/// transaction (group commit), so the cost of a sync is shared.
pub(super) struct Writer {
    pub(super) conn: SqliteConnection,
    pub(super) consumers: HashMap<Key, Consumer>,
    /// Consumers as they were before the running transaction first touched
    /// them, to go back to when it fails. `None` means it did not exist.
    before: HashMap<Key, Option<Consumer>>,
    /// Consumers to wake after the commit.
    pub(super) woken: Vec<Key>,
    /// Streams that got messages in the running transaction.
    pub(super) grown: Vec<String>,
    published: watch::Sender<u64>,
    full_sync: bool,
    /// Keeps other processes away until the connection is closed.
    lock: File,
}

impl Writer {
    /// Takes over the connection and what the file remembers of consumers.
    pub(super) async fn new(
        mut conn: SqliteConnection,
        published: watch::Sender<u64>,
        lock: File,
    ) -> Result<Self> {
        let consumers = load(&mut conn).await?;
        Ok(Self {
            conn,
            consumers,
            before: HashMap::new(),
            woken: Vec::new(),
            grown: Vec::new(),
            published,
            full_sync: true,
            lock,
        })
    }

    /// Works until told to close or until nobody can send commands any more.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        let mut closing: Vec<Reply<()>> = Vec::new();
        while closing.is_empty() && commands.recv_many(&mut batch, MAX_BATCH).await > 0 {
            let mut work = Vec::with_capacity(batch.len());
            for command in batch.drain(..) {
                match command {
                    Command::Close(reply) => closing.push(reply),
                    Command::Work(one) => work.push(one),
                }
            }
            if !work.is_empty() {
                self.transact(work).await;
            }
        }
        commands.close();
        while let Some(late) = commands.recv().await {
            match late {
                Command::Close(reply) => closing.push(reply),
                Command::Work(one) => one.refuse(Error::Closed),
            }
        }
        let Self { conn, lock, .. } = self;
        let closed = conn.close().await.map_err(failure);
        drop(lock);
        for reply in closing {
            let _ = reply.send(closed.clone());
        }
    }

    async fn transact(&mut self, work: Vec<Box<dyn Work>>) {
        let mut finishes = Vec::with_capacity(work.len());
        let result = self.attempt(work, &mut finishes).await;
        match &result {
            Ok(()) => self.announce(),
            Err(error) => {
                tracing::warn!(%error, "an event log transaction failed");
                self.roll_back().await;
            }
        }
        self.before.clear();
        self.woken.clear();
        self.grown.clear();
        for finish in finishes {
            finish(result.clone());
        }
    }

    async fn attempt(
        &mut self,
        work: Vec<Box<dyn Work>>,
        finishes: &mut Vec<Finish>,
    ) -> Result<()> {
        let full = work.iter().any(|one| one.survive() == Survive::PowerLoss);
        let mut outcome = self.begin(full).await;
        for one in work {
            if let Err(error) = &outcome {
                one.refuse(error.clone());
                continue;
            }
            let (finish, ran) = one.run(self).await;
            finishes.push(finish);
            outcome = ran;
        }
        outcome?;
        self.execute("COMMIT").await
    }

    async fn begin(&mut self, full_sync: bool) -> Result<()> {
        if full_sync != self.full_sync {
            self.execute(if full_sync {
                "PRAGMA synchronous = FULL"
            } else {
                "PRAGMA synchronous = NORMAL"
            })
            .await?;
            self.full_sync = full_sync;
        }
        self.execute("BEGIN IMMEDIATE").await
    }

    async fn execute(&mut self, sql: &'static str) -> Result<()> {
        sqlx::query(sql)
            .execute(&mut self.conn)
            .await
            .map(drop)
            .map_err(failure)
    }

    async fn roll_back(&mut self) {
        // SQLite may have rolled back by itself (disk full); then this fails
        // harmlessly.
        let _ = self.execute("ROLLBACK").await;
        for (key, consumer) in self.before.drain() {
            match consumer {
                Some(consumer) => self.consumers.insert(key, consumer),
                None => self.consumers.remove(&key),
            };
        }
    }

    fn announce(&self) {
        for (key, consumer) in &self.consumers {
            if self.grown.contains(&key.stream) || self.woken.contains(key) {
                consumer.wake();
            }
        }
        if !self.grown.is_empty() {
            self.published.send_modify(|generation| *generation += 1);
        }
    }

    /// A consumer about to be changed; its present state is kept for a
    /// rollback.
    pub(super) fn touch(&mut self, key: &Key) -> Result<&mut Consumer> {
        let consumer = self
            .consumers
            .get_mut(key)
            .ok_or_else(|| Error::UnknownConsumer {
                stream: key.stream.clone(),
                durable: key.durable.clone(),
            })?;
        self.before
            .entry(key.clone())
            .or_insert_with(|| Some(consumer.clone()));
        Ok(consumer)
    }

    /// Adds or replaces a consumer, to be undone by a rollback.
    pub(super) fn put(&mut self, key: &Key, consumer: Option<Consumer>) {
        let old = match consumer {
            Some(consumer) => self.consumers.insert(key.clone(), consumer),
            None => self.consumers.remove(key),
        };
        self.before.entry(key.clone()).or_insert(old);
    }
}

/// Reads consumers back after a start: what was in flight is due at once.
async fn load(conn: &mut SqliteConnection) -> Result<HashMap<Key, Consumer>> {
    let mut consumers = HashMap::new();
    let rows = sqlx::query("SELECT stream, durable, cursor FROM consumers")
        .fetch_all(&mut *conn)
        .await
        .map_err(failure)?;
    for row in rows {
        let stream: String = row.try_get("stream").map_err(failure)?;
        let durable: String = row.try_get("durable").map_err(failure)?;
        // The real settings come with the declaration; nothing is handed out
        // before that.
        let spec = ConsumerSpec::new(stream, durable);
        let cursor = row.try_get("cursor").map_err(failure)?;
        consumers.insert(Key::from(&spec), Consumer::new(spec, cursor));
    }
    let rows =
        sqlx::query("SELECT stream, durable, sequence, delivery_count, reason FROM in_flight")
            .fetch_all(conn)
            .await
            .map_err(failure)?;
    for row in rows {
        let key = Key {
            stream: row.try_get("stream").map_err(failure)?,
            durable: row.try_get("durable").map_err(failure)?,
        };
        let sequence = row.try_get("sequence").map_err(failure)?;
        let count: i64 = row.try_get("delivery_count").map_err(failure)?;
        let flight = Flight {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            due: Instant::now(),
            reason: row.try_get("reason").map_err(failure)?,
        };
        if let Some(consumer) = consumers.get_mut(&key) {
            consumer.in_flight.insert(sequence, flight);
        }
    }
    Ok(consumers)
}
