//! Carries out what operators ask of a service's events: rows that
//! `covergen events` writes, so that it needs no way into the process and a
//! restart forgets nothing.

use std::sync::Arc;
use std::time::Duration;

use covergen_events::{Error as LogError, EventLog, Position, Stored};
use covergen_objects::ObjectStore;
use covergen_store::{Job, Store};
use sea_orm_migration::sea_orm::DbBackend;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::archive::{ArchiveError, Shelf};
use crate::event::HandlerError;
use crate::lanes::TOGETHER;
use crate::read_model::{Gate, REBUILD};
use crate::service::BoxError;
use crate::{ReadModel, Subscription};

mod rebuild;
#[cfg(test)]
mod tests;

pub use rebuild::Rebuild;

/// The kind of job that sets a consumer to a position; its subject is the
/// stream, its arguments are a [`Rewind`].
pub const REWIND: &str = "rewind";
/// The kind of job that hands a dead letter back to its consumer; its subject
/// is the stream, its arguments are the letter's sequence.
pub const REDRIVE: &str = "redrive";
/// The kind of job that removes a dead letter, as [`REDRIVE`].
pub const DISCARD: &str = "discard";

/// Time between two looks for jobs.
const LOOK: Duration = Duration::from_millis(500);

/// Longest wait for handlers of other processes, which take milliseconds. One
/// that takes longer may apply its event before those it comes after.
const QUIET: Duration = Duration::from_secs(5);

/// How long a process owns a job without a word.
const LEASE_MS: i64 = 30_000;

/// What a job says of itself once it may have been done.
const BEGUN: &str = "it was begun";

/// Events told between two words.
const WORD: usize = 200;

/// Attempts at one event before the rebuild starts over later.
const ATTEMPTS: u32 = 8;

/// Where a consumer is to go on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rewind {
    /// The consumer.
    pub durable: String,
    /// The first event it gets.
    pub to: Position,
}

/// A read model that runs.
pub(crate) struct Folding {
    pub(crate) model: ReadModel,
    pub(crate) subscriptions: Vec<Arc<Subscription>>,
    pub(crate) gate: Arc<Gate>,
}

/// Does the jobs of one service.
pub(crate) struct Worker {
    pub(crate) store: Store,
    pub(crate) events: Arc<dyn EventLog>,
    pub(crate) objects: Arc<dyn ObjectStore>,
    pub(crate) folding: Vec<Folding>,
    /// Whether the log numbers each stream's events by themselves, without
    /// gaps. The embedded one numbers all streams together.
    pub(crate) is_dense: bool,
    pub(crate) shutdown: CancellationToken,
}

/// Why a job was not done.
enum Failure {
    /// It never can be.
    Never(String),
    /// It is tried again.
    Later(BoxError),
    /// Likewise, and may have been done.
    Unclear(BoxError),
}

impl<E: Into<BoxError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Later(error.into())
    }
}

/// What an engine refuses will be refused again; that it is away passes.
fn judged(error: LogError) -> Failure {
    match error {
        LogError::Unavailable(_) | LogError::Closed => error.into(),
        other => Failure::Never(other.to_string()),
    }
}

impl Worker {
    /// Looks for jobs until shutdown.
    pub(crate) async fn run(self: Arc<Self>) {
        let owner = Uuid::now_v7().simple().to_string();
        loop {
            tokio::select! {
                () = self.shutdown.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            match self.store.take_job(&owner, LEASE_MS).await {
                Ok(None) => {}
                Ok(Some(job)) => tokio::select! {
                    // It goes on with the next start.
                    () = self.shutdown.cancelled() => return,
                    () = self.carry_out(&job, &owner) => {}
                },
                Err(error) => {
                    tracing::debug!(service = self.store.service(), %error, "no look at jobs");
                }
            }
        }
    }

    async fn carry_out(&self, job: &Job, owner: &str) {
        let (service, kind, subject) = (self.store.service(), &job.kind, &job.subject);
        tracing::info!(service, kind, subject, "a job begins");
        let outcome = match job.kind.as_str() {
            REBUILD => self.rebuild(job, owner).await,
            REWIND => self.rewind(job).await,
            REDRIVE | DISCARD => self.letter(job, owner).await,
            _ => Err(Failure::Never("this version knows no such job".to_owned())),
        };
        let ended = match outcome {
            Ok(detail) => self.store.finish_job(&job.id, owner, Ok(&detail)).await,
            Err(Failure::Never(why)) => self.store.finish_job(&job.id, owner, Err(&why)).await,
            Err(Failure::Later(error)) => {
                let why = format!("it is tried again: {error}");
                self.put_off(job, owner, &why).await
            }
            Err(Failure::Unclear(error)) => {
                let why = format!("{BEGUN}, and is tried again: {error}");
                self.put_off(job, owner, &why).await
            }
        };
        if let Err(error) = ended {
            tracing::warn!(service, kind, subject, %error, "a job's outcome was not noted");
        }
    }

    /// Has it tried again: a lease that ends soon is the wait before that.
    async fn put_off(&self, job: &Job, owner: &str, why: &str) -> covergen_store::Result<()> {
        let (service, kind, subject) = (self.store.service(), &job.kind, &job.subject);
        tracing::warn!(service, kind, subject, why, "a job was not done");
        let noted = self.store.note_job(&job.id, owner, 2_000, why);
        noted.await.map(drop)
    }

    async fn rewind(&self, job: &Job) -> Result<String, Failure> {
        let rewind: Rewind = serde_json::from_str(&job.arguments)
            .map_err(|error| Failure::Never(error.to_string()))?;
        let (stream, durable) = (job.subject.as_str(), rewind.durable.as_str());
        // Only what is there is set back: a name that was mistyped would
        // otherwise leave a consumer that nobody reads.
        self.events
            .consumer_info(stream, durable)
            .await
            .map_err(judged)?;
        // It is known, and keeps its settings.
        let spec = covergen_events::ConsumerSpec::new(stream, durable);
        self.events.rewind(&spec, rewind.to).await.map_err(judged)?;
        Ok(format!("{durable} goes on from there"))
    }

    async fn letter(&self, job: &Job, owner: &str) -> Result<String, Failure> {
        let sequence: u64 = job
            .arguments
            .parse()
            .map_err(|_| Failure::Never("no sequence of a dead letter".to_owned()))?;
        // Whoever takes it up after this process has died is to know that the
        // letter may be gone because of it, and not because it never was.
        let was_begun = job.detail.starts_with(BEGUN);
        // One that cannot be read is not listed, and can still be removed.
        if !was_begun && job.kind == REDRIVE {
            let next = self
                .events
                .dead_letters(&job.subject, sequence.saturating_sub(1), 1);
            let next = next.await.map_err(judged)?;
            if next
                .first()
                .is_none_or(|letter| letter.sequence != sequence)
            {
                let unknown = LogError::UnknownDeadLetter {
                    stream: job.subject.clone(),
                    sequence,
                };
                return Err(judged(unknown));
            }
        }
        if !was_begun && !self.store.note_job(&job.id, owner, LEASE_MS, BEGUN).await? {
            return Err(Failure::Later("another process has the job".into()));
        }
        let done = if job.kind == DISCARD {
            self.events.discard(&job.subject, sequence).await
        } else {
            self.events.redrive(&job.subject, sequence).await
        };
        match done {
            Err(LogError::UnknownDeadLetter { .. }) if was_begun => {
                Ok("it was done before, by a process that could not say so".to_owned())
            }
            done => match done.map_err(judged) {
                Ok(()) => Ok(String::new()),
                Err(Failure::Later(error)) => Err(Failure::Unclear(error)),
                Err(failure) => Err(failure),
            },
        }
    }

    /// Empties a read model and tells it every event again: the archived ones
    /// here, and those behind them through its consumers, as ever. A process
    /// that dies meanwhile leaves the row; whoever takes it starts over.
    async fn rebuild(&self, job: &Job, owner: &str) -> Result<String, Failure> {
        let folding = self
            .folding
            .iter()
            .find(|folding| folding.model.name == job.subject)
            .ok_or_else(|| Failure::Never(format!("{} is no read model", job.subject)))?;
        let asked = self.attempt(job, owner).await?;
        self.meanwhile(job, owner, "handlers finish", folding.gate.emptied())
            .await?;
        self.quiet(folding).await?;
        // Once the tables are empty, there is nothing left to be careful of.
        if !asked.emptied && !asked.force {
            self.meanwhile(job, owner, "the archive is read", self.check(folding))
                .await??;
        }
        let emptied = Rebuild {
            emptied: true,
            ..asked.clone()
        };
        let empty = self.empty(folding, job, owner, &emptied);
        self.meanwhile(job, owner, "the tables are emptied", empty)
            .await??;
        let mut told = Told {
            worker: self,
            job,
            owner,
            force: asked.force,
            events: 0,
            poisonous: 0,
            unread: 0,
        };
        let mut ends = Vec::with_capacity(folding.subscriptions.len());
        for subscription in &folding.subscriptions {
            ends.push(told.archive(subscription).await?);
        }
        // Together and last: what a consumer delivers from here on waits for
        // the gate.
        for (subscription, ends) in folding.subscriptions.iter().zip(ends) {
            if let Some(to) = self.behind(subscription.stream(), &ends).await? {
                self.events.rewind(&subscription.spec(), to).await?;
            }
        }
        Ok(told.summary())
    }

    /// Waits until no other process is handling an event of the model, at most
    /// [`QUIET`]: they look at the gate before each, and what they refuse stays
    /// in flight until the consumer is set back, so a count alone cannot tell.
    async fn quiet(&self, folding: &Folding) -> Result<(), Failure> {
        // One process owns a SQLite file, and its own handlers have finished.
        if self.store.backend() == DbBackend::Sqlite {
            return Ok(());
        }
        let until = tokio::time::Instant::now() + QUIET;
        for subscription in &folding.subscriptions {
            let spec = subscription.spec();
            while tokio::time::Instant::now() < until {
                match self.events.consumer_info(&spec.stream, &spec.durable).await {
                    Ok(info) if info.in_flight > 0 => tokio::time::sleep(LOOK / 5).await,
                    Ok(_) | Err(LogError::UnknownStream(_) | LogError::UnknownConsumer { .. }) => {
                        break;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }
}

/// What a read model was told so far.
struct Told<'w> {
    worker: &'w Worker,
    job: &'w Job,
    owner: &'w str,
    force: bool,
    events: u64,
    poisonous: u64,
    /// Segments that cannot be read.
    unread: u64,
}

impl Told<'_> {
    fn summary(&self) -> String {
        let mut told = format!("{} archived events were told", self.events);
        if self.poisonous > 0 {
            told += &format!(", {} of which cannot be handled", self.poisonous);
        }
        if self.unread > 0 {
            told += &format!(", and {} segments cannot be read", self.unread);
        }
        told + "; the stream's own follow"
    }

    /// Tells everything a stream's archive holds; answers sequence and id of
    /// the last event of each segment.
    async fn archive(&mut self, subscription: &Subscription) -> Result<Vec<(u64, Uuid)>, Failure> {
        let shelf = Shelf::new(Arc::clone(&self.worker.objects), subscription.stream());
        let mut ends = Vec::new();
        for name in shelf.segments(None).await? {
            let archive = match shelf.read(&name).await {
                Err(error @ (ArchiveError::Broken(_) | ArchiveError::Packing(_))) if self.force => {
                    tracing::error!(%error, "a rebuild goes on without a segment");
                    self.unread += 1;
                    continue;
                }
                Err(ArchiveError::Broken(why)) => {
                    // Going on would leave out what it held without a word.
                    return Err(Failure::Later(why.into()));
                }
                archive => archive?,
            };
            let last = archive.events.last();
            ends.extend(last.map(|event| (event.sequence, event.record.id)));
            for some in archive.events.chunks(WORD) {
                self.note().await?;
                for few in some.chunks(TOGETHER) {
                    self.tell_all(subscription, few).await?;
                }
            }
        }
        Ok(ends)
    }

    async fn note(&self) -> Result<(), Failure> {
        let word = format!("{} archived events were told", self.events);
        let held = self
            .worker
            .store
            .note_job(&self.job.id, self.owner, LEASE_MS, &word)
            .await?;
        if held {
            return Ok(());
        }
        Err(Failure::Later("another process has the job".into()))
    }

    /// In one transaction if that can be, for it is several times as fast.
    async fn tell_all(
        &mut self,
        subscription: &Subscription,
        events: &[Stored],
    ) -> Result<(), Failure> {
        let payloads: Vec<bytes::Bytes> = events
            .iter()
            .map(|event| event.record.payload.clone())
            .collect();
        if subscription.apply_together(&payloads).await {
            self.events += payloads.len() as u64;
            return Ok(());
        }
        for payload in payloads {
            self.tell(subscription, payload).await?;
        }
        Ok(())
    }

    async fn tell(
        &mut self,
        subscription: &Subscription,
        payload: bytes::Bytes,
    ) -> Result<(), Failure> {
        let mut pause = Duration::from_millis(50);
        for attempt in 1.. {
            match subscription.apply(payload.clone()).await {
                Ok(()) => break,
                Err(HandlerError::Poison(error)) => {
                    // It stands among the dead letters since it came first.
                    tracing::warn!(%error, "an archived event cannot be handled");
                    self.poisonous += 1;
                    break;
                }
                Err(HandlerError::Retry(error)) if attempt >= ATTEMPTS => {
                    return Err(Failure::Later(error));
                }
                Err(HandlerError::Retry(_)) => tokio::time::sleep(pause).await,
            }
            pause = (pause * 2).min(Duration::from_secs(2));
        }
        self.events += 1;
        Ok(())
    }
}
