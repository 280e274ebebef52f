//! The embedded engine: one SQLite file, one writing task, no server.
//!
//! Reading order: `schema` (the tables), `command` and `writer` (group
//! commit), then what the writer does: `declare`, `publish`, `claim`, `park`;
//! `read` and `deliver` are the other side.

mod claim;
mod command;
mod declare;
mod deliver;
mod park;
mod publish;
pub(crate) mod read;
mod rows;
mod schema;
mod shared;
mod state;
mod writer;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::BoxFuture;
use sea_orm::sqlx::sqlite::SqlitePoolOptions;
use sea_orm::sqlx::{self, ConnectOptions, SqlitePool};
use time::{Duration, OffsetDateTime};
use tokio::sync::{mpsc, oneshot, watch};

use self::command::{Command, Job, Survive};
use self::park::EXPIRE_ROWS;
use self::rows::{to_i64, to_ms};
use self::state::Key;
use self::writer::Writer;
use crate::live::Topics;
use crate::subject::{check_name, check_topic};
use crate::{
    Config, ConsumerInfo, ConsumerSpec, DeadLetter, Deliveries, Error, EventLog, Link, Live,
    Position, Published, Record, Result, Stored, StreamInfo, Tail,
};

/// Connections to a file that another process may own; they only read.
pub(crate) fn read_only(path: &Path) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(2)
        .connect_lazy_with(schema::reader_options(path))
}

/// Operations that may wait for the writer before callers wait for room.
const QUEUE: usize = 1024;

/// Turns SQLite's errors into the two kinds callers can act on.
#[expect(clippy::needless_pass_by_value, reason = "it is what map_err calls")]
fn failure(error: sqlx::Error) -> Error {
    // 13 is SQLITE_FULL: no room on the disk, or the configured size reached.
    match &error {
        sqlx::Error::Database(e) if e.code().as_deref() == Some("13") => {
            Error::Full(error.to_string())
        }
        sqlx::Error::PoolClosed => Error::Closed,
        _ => Error::Unavailable(error.to_string()),
    }
}

/// The embedded event log.
pub(crate) struct Embedded {
    this: Weak<Embedded>,
    commands: mpsc::Sender<Command>,
    readers: SqlitePool,
    published: watch::Sender<u64>,
    topics: Topics,
    closed: AtomicBool,
    max_age: Duration,
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Embedded").finish_non_exhaustive()
    }
}

impl Embedded {
    /// Opens the log in a file, or shares it with those in this process who
    /// opened it before.
    pub(crate) async fn open(path: &Path, config: &Config) -> Result<Arc<Self>> {
        shared::open(path, config).await
    }

    async fn start(path: &Path, config: &Config, lock: File) -> Result<Arc<Self>> {
        let mut conn = schema::writer_options(path)
            .connect()
            .await
            .map_err(failure)?;
        schema::prepare(&mut conn, config.max_file_bytes).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_lazy_with(schema::reader_options(path));
        let published = watch::Sender::new(0);
        let writer = Writer::new(conn, published.clone(), lock).await?;
        let (commands, queue) = mpsc::channel(QUEUE);
        tokio::spawn(writer.run(queue));
        Ok(Arc::new_cyclic(|this| Self {
            this: this.clone(),
            commands,
            readers,
            published,
            topics: Topics::default(),
            closed: AtomicBool::new(false),
            max_age: Duration::days(i64::from(config.max_age_days)),
        }))
    }

    /// Has the writer do something in its next transaction.
    async fn call<T, F>(&self, survive: Survive, operation: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Writer) -> BoxFuture<'a, Result<T>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Job {
            survive,
            operation,
            reply,
        };
        self.commands
            .send(Command::Work(Box::new(job)))
            .await
            .map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| Error::Closed)?
    }

    fn this(&self) -> Result<Arc<Self>> {
        self.this.upgrade().ok_or(Error::Closed)
    }

    fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    fn published(&self) -> watch::Receiver<u64> {
        self.published.subscribe()
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

#[async_trait]
impl EventLog for Embedded {
    async fn declare_stream(&self, stream: &str) -> Result<()> {
        check_name("stream", stream)?;
        let stream = stream.to_owned();
        self.call(Survive::PowerLoss, |writer| {
            Box::pin(async move { writer.declare_stream(&stream).await })
        })
        .await
    }

    async fn check_stream(&self, stream: &str) -> Result<()> {
        check_name("stream", stream)
    }

    async fn declare_consumer(&self, spec: &ConsumerSpec) -> Result<()> {
        spec.check()?;
        let spec = spec.clone();
        self.call(Survive::PowerLoss, |writer| {
            Box::pin(writer.declare_consumer(spec))
        })
        .await
        .map(drop)
    }

    async fn publish(&self, records: Vec<Record>) -> Result<Vec<Published>> {
        records.iter().try_for_each(Record::check)?;
        if records.is_empty() {
            return Ok(Vec::new());
        }
        self.call(Survive::PowerLoss, |writer| {
            Box::pin(writer.publish(records))
        })
        .await
    }

    async fn consume(&self, spec: &ConsumerSpec) -> Result<Deliveries> {
        spec.check()?;
        let key = Key::from(spec);
        let spec = spec.clone();
        let wake = self
            .call(Survive::PowerLoss, |writer| {
                Box::pin(writer.declare_consumer(spec))
            })
            .await?;
        Ok(deliver::deliveries(self.this()?, key, wake))
    }

    async fn rewind(&self, spec: &ConsumerSpec, to: Position) -> Result<()> {
        spec.check()?;
        let spec = spec.clone();
        self.call(Survive::PowerLoss, move |writer| {
            Box::pin(writer.rewind(spec, to))
        })
        .await
    }

    async fn delete_consumer(&self, stream: &str, durable: &str) -> Result<bool> {
        let key = Key {
            stream: stream.to_owned(),
            durable: durable.to_owned(),
        };
        self.call(Survive::PowerLoss, |writer| {
            Box::pin(async move { writer.delete_consumer(&key).await })
        })
        .await
    }

    async fn read(&self, stream: &str, from: Position, limit: usize) -> Result<Vec<Stored>> {
        read::read(&self.readers, stream, from, limit.min(1_000)).await
    }

    async fn tail(&self, stream: &str, from: Position) -> Result<Tail> {
        deliver::tail(self.this()?, stream, from).await
    }

    async fn stream_info(&self, stream: &str) -> Result<StreamInfo> {
        read::stream_info(&self.readers, stream).await
    }

    async fn consumer_info(&self, stream: &str, durable: &str) -> Result<ConsumerInfo> {
        read::consumer_info(&self.readers, stream, durable).await
    }

    async fn dead_letters(
        &self,
        stream: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<DeadLetter>> {
        read::dead_letters(&self.readers, stream, after, limit.min(1_000)).await
    }

    async fn redrive(&self, stream: &str, sequence: u64) -> Result<()> {
        let (stream, sequence) = (stream.to_owned(), to_i64(sequence));
        self.call(Survive::PowerLoss, move |writer| {
            Box::pin(async move { writer.redrive(&stream, sequence).await })
        })
        .await
    }

    async fn discard(&self, stream: &str, sequence: u64) -> Result<()> {
        let (stream, sequence) = (stream.to_owned(), to_i64(sequence));
        self.call(Survive::PowerLoss, move |writer| {
            Box::pin(async move { writer.discard(&stream, sequence).await })
        })
        .await
    }

    async fn broadcast(&self, topic: &str, message: Bytes) -> Result<()> {
        check_topic(topic)?;
        if self.is_closed() {
            return Err(Error::Closed);
        }
        crate::record::check_size(message.len())?;
        self.topics.broadcast(topic, message);
        Ok(())
    }

    async fn listen(&self, topic: &str) -> Result<Live> {
        check_topic(topic)?;
        if self.is_closed() {
            return Err(Error::Closed);
        }
        Ok(self.topics.listen(topic))
    }

    async fn expire(&self, archived: &BTreeMap<String, u64>) -> Result<u64> {
        let before_ms = to_ms(OffsetDateTime::now_utc() - self.max_age);
        let mut gone = 0;
        for stream in read::streams(&self.readers).await? {
            let up_to = archived
                .get(&stream)
                .map_or(i64::MAX, |up_to| to_i64(*up_to));
            loop {
                let stream = stream.clone();
                let some = self
                    .call(Survive::PowerLoss, move |writer| {
                        Box::pin(async move { writer.expire(&stream, up_to, before_ms).await })
                    })
                    .await?;
                gone += some;
                if some < EXPIRE_ROWS {
                    break;
                }
            }
        }
        Ok(gone)
    }

    fn link(&self) -> Link {
        Link::default()
    }

    async fn ping(&self) -> Result<()> {
        self.call(Survive::Crash, |_| Box::pin(async { Ok(()) }))
            .await
    }

    async fn close(&self) -> Result<()> {
        if self.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.topics.close();
        self.readers.close().await;
        self.published.send_modify(|generation| *generation += 1);
        let (reply, closed) = oneshot::channel();
        if self.commands.send(Command::Close(reply)).await.is_err() {
            return Ok(());
        }
        closed.await.unwrap_or(Ok(()))
    }
}
