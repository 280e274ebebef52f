use std::time::Duration;

use async_trait::async_trait;
use covergen_proto::task::v1::{JournalEntry, LeasedTask};

use crate::Failure;

/// How often an entry is written again before the attempt is given up.
const JOURNAL_ATTEMPTS: u32 = 6;

/// Why the journal did not take an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The task is in other hands now, or gone: write nothing more.
    #[error("the lease is lost")]
    LeaseLost,
    /// Nobody knows whether it was written; writing it again is harmless.
    #[error("the journal does not answer: {0}")]
    Unavailable(String),
}

/// What the queue says at every word from a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Beat {
    /// Somebody asked for the task to stop.
    pub cancel_requested: bool,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finish {
    /// The work is done.
    Succeeded,
    /// Try again later; a shutdown does not count as an attempt.
    Transient {
        /// Why.
        failure: Failure,
        /// Whether the attempt counts.
        burn_attempt: bool,
    },
    /// It will never work, and everything done was undone.
    Fatal(Failure),
    /// It was asked to stop, and everything done was undone.
    Cancelled(Failure),
    /// It could not be undone.
    NeedsOperator(Failure),
}

/// Where a worker leases tasks and writes down what it does. The task service
/// behind an RPC, or a model of it in a test.
#[async_trait]
pub trait Journal: Send + Sync + 'static {
    /// Leases up to `max` tasks of these kinds, waiting for the first.
    async fn lease(
        &self,
        kinds: &[String],
        max: usize,
        worker: &str,
    ) -> Result<Vec<LeasedTask>, JournalError>;

    /// Renews a lease and reports progress.
    async fn beat(
        &self,
        task: &LeasedTask,
        progress_percent: i32,
        stage: &str,
    ) -> Result<Beat, JournalError>;

    /// Writes entries, in order, in one commit. With `pivot`, the task can no
    /// longer be cancelled from then on; where somebody asked for that before,
    /// nothing is written and the answer says so.
    async fn record(
        &self,
        task: &LeasedTask,
        entries: Vec<JournalEntry>,
        progress_percent: i32,
        stage: &str,
        pivot: bool,
    ) -> Result<Beat, JournalError>;

    /// Ends the attempt.
    async fn finish(&self, task: &LeasedTask, finish: Finish) -> Result<(), JournalError>;
}

/// Writing the same to the journal twice is harmless, so a journal that does
/// not answer is asked again for a while.
pub(crate) async fn persistently<T, F, Fut>(mut write: F) -> Result<T, JournalError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, JournalError>>,
{
    let mut pause = Duration::from_millis(50);
    let mut attempt = 1;
    loop {
        match write().await {
            Err(JournalError::Unavailable(reason)) if attempt < JOURNAL_ATTEMPTS => {
                tracing::warn!(reason, attempt, "the journal does not answer");
                tokio::time::sleep(pause).await;
                pause *= 2;
                attempt += 1;
            }
            other => return other,
        }
    }
}
