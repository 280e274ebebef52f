//! What a relay needs of the place its rows are kept in.

use std::time::Duration;

use async_trait::async_trait;

use super::Hub;
use crate::{Backlog, OutboxCommand, OutboxEvent, Result};

/// The rows that a relay sends, wherever they are kept: the outbox of a
/// [`crate::Store`], or a model of it that a simulation runs the relay over.
///
/// Rows that were taken may be taken again by their taker at any time, and by
/// others once the lease is over; rows that are sent or parked, never.
#[async_trait]
pub trait Outbox: Send + Sync + 'static {
    /// Whose rows they are, for logs and metrics.
    fn service(&self) -> &str;

    /// Where commits tell the relay of new rows.
    fn hub(&self) -> &Hub;

    /// Whether this relay may send now. One that may, may until it ends.
    fn leads(&self) -> bool {
        true
    }

    /// Takes unsent commands whose time has come and that are the first of
    /// their key (parked ones aside), oldest first.
    ///
    /// # Errors
    /// They cannot be read now.
    async fn due_commands(&self, taker: &Taker, limit: usize) -> Result<Vec<Due<OutboxCommand>>>;

    /// Takes unsent events whose time has come, oldest first, but for those
    /// with the numbers `apart`: they are on their way already. None before them
    /// in their aggregate is left that is neither among them nor apart.
    ///
    /// # Errors
    /// They cannot be read now.
    async fn due_events(
        &self,
        taker: &Taker,
        limit: usize,
        apart: &[i64],
    ) -> Result<Vec<Due<OutboxEvent>>>;

    /// Records how the dispatch of rows ended, and lets go of them. Rows that
    /// are sent already stay so, and what another relay has taken since is left
    /// to it, unless it is sent. `wait` is the time until the next attempt, for
    /// those that are to be tried again.
    ///
    /// # Errors
    /// It cannot be recorded now; the rows are sent again.
    async fn record(
        &self,
        taker: &Taker,
        verdict: &Verdict,
        wait: Duration,
        rows: &[i64],
    ) -> Result<()>;

    /// Lets others have what `taker` took and did not send.
    ///
    /// # Errors
    /// It cannot be recorded now; the leases run out.
    async fn give_back(&self, taker: &Taker) -> Result<()>;

    /// Counts what is still to be sent.
    ///
    /// # Errors
    /// It cannot be read now.
    async fn backlog(&self) -> Result<Backlog>;

    /// Gauges of its own, recorded beside the backlog's.
    fn record_gauges(&self) {}
}

/// Who takes rows, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taker {
    /// One relay's id.
    pub owner: String,
    /// How long rows stay with it.
    pub lease_ms: i64,
}

/// A row to be dispatched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due<T> {
    /// Its number: later rows have larger ones.
    pub seq: i64,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// What is to be sent.
    pub message: T,
}

/// How one row's dispatch ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is durably stored, or the call was acknowledged.
    Sent,
    /// Not this time, and why.
    Retry(String),
    /// Never, and why: it waits for an operator.
    Refused(String),
    /// Not tried, since an earlier row of its aggregate failed, or tried with
    /// nobody there to take it.
    Returned,
}
