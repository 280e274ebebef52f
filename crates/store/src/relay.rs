//! Sends what committed transactions appended.
//!
//! Invariants:
//! - A row leaves the outbox's unsent part only after the dispatcher said yes;
//!   a crash between the two sends it again, so receivers dedupe by id.
//! - An event is sent only when nothing earlier of its aggregate is unsent; a
//!   command, only when nothing earlier of its key is (parked ones aside).
//! - Rows are leased on PostgreSQL, so that several relays share the work. On
//!   SQLite one relay leads, by a lock on a file beside the database that the
//!   system lets go of when the process dies.
//!
//! A commit wakes the relay of its own process, and hands it its commands in
//! memory; polling is the net for other processes' and earlier lives' rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{OutboxCommand, OutboxEvent, Store};

mod commands;
mod courier;
mod events;
mod hub;
mod lead;
mod options;
mod round;
mod rows;
mod settle;
mod sql;

use courier::Courier;
pub use hub::Hub;
use hub::Port;
pub use options::RelayOptions;
pub use rows::{Due, Outbox, Taker, Verdict};
use sql::SqlOutbox;

/// Why something could not be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DispatchFailure {
    /// Not now; it is tried again, later and later.
    #[error("to be tried again: {0}")]
    Retry(String),
    /// Nobody is there to take it, which says nothing about this row: it is
    /// let go of unchanged, and tried again once [`Dispatcher::returns`] says
    /// so, or a little later.
    #[error("nobody takes it: {0}")]
    Away(String),
    /// Never: the row is parked with this reason until an operator frees it. A
    /// parked event holds back its aggregate, since a gap would stop every
    /// consumer; a parked command does not hold back its key.
    #[error("refused: {0}")]
    Refused(String),
}

/// Where events and commands go. Both may be asked for the same row again.
#[async_trait]
pub trait Dispatcher: Send + Sync + 'static {
    /// Publishes events, given in order per aggregate, and answers for each in
    /// the same order once it is durably stored. After a failure, do not
    /// publish later events of the same aggregate in this call.
    async fn publish(&self, events: Vec<OutboxEvent>) -> Vec<Result<(), DispatchFailure>>;

    /// Whether it is known that no event can be published now. Meanwhile the
    /// relay leaves the outbox alone.
    fn is_away(&self) -> bool {
        false
    }

    /// An item each time that events can be published again; whatever waits is
    /// then sent at once. Asked for once, when the relay starts.
    fn returns(&self) -> BoxStream<'static, ()> {
        stream::pending().boxed()
    }

    /// Makes a call, with the command's id as request id.
    async fn command(&self, command: OutboxCommand) -> Result<(), DispatchFailure>;
}

/// A relay about to run.
pub struct Relay {
    outbox: Arc<dyn Outbox>,
    dispatcher: Arc<dyn Dispatcher>,
    options: RelayOptions,
}

impl Relay {
    /// A relay for this store's outbox.
    #[must_use]
    pub fn new(store: &Store, dispatcher: Arc<dyn Dispatcher>) -> Self {
        Self::over(Arc::new(SqlOutbox::new(store)), dispatcher)
    }

    /// A relay for rows that are kept elsewhere.
    #[must_use]
    pub fn over(outbox: Arc<dyn Outbox>, dispatcher: Arc<dyn Dispatcher>) -> Self {
        Self {
            outbox,
            dispatcher,
            options: RelayOptions::default(),
        }
    }

    /// Bounds and waits, in place of the defaults.
    #[must_use]
    pub fn options(mut self, options: RelayOptions) -> Self {
        self.options = options;
        self
    }

    /// Starts sending, until `stop` is cancelled. Commands committed through
    /// clones of this store are dispatched from memory from here on.
    #[must_use]
    pub fn spawn(self, stop: CancellationToken) -> RelayHandle {
        let (outcomes, settled) = mpsc::unbounded_channel();
        let port = Arc::new(Port {
            taker: Taker {
                owner: format!("{:032x}", rand::random::<u128>()),
                lease_ms: i64::from(self.options.lease_ms),
            },
            leading: AtomicBool::new(self.outbox.leads()),
            events: Notify::new(),
            courier: Courier::new(Arc::clone(&self.dispatcher), &self.options, outcomes),
        });
        self.outbox.hub().join(Arc::clone(&port));
        let worker = Worker {
            outbox: Arc::clone(&self.outbox),
            options: self.options,
            port,
        };
        let running = tokio::spawn(async move {
            let _presence = Presence(&worker);
            tokio::join!(
                commands::run(&worker, settled, &stop),
                events::run(&worker, self.dispatcher.as_ref(), &stop),
            );
            worker.give_back().await;
        });
        RelayHandle {
            outbox: self.outbox,
            running,
        }
    }
}

/// Takes the relay's port away when the relay ends, in whatever way: from then
/// on transactions leave their commands to other relays.
struct Presence<'w>(&'w Worker);

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        self.0.retire();
    }
}

/// What both loops share.
struct Worker {
    outbox: Arc<dyn Outbox>,
    options: RelayOptions,
    port: Arc<Port>,
}

impl Worker {
    /// Whether this relay may send now.
    fn leads(&self) -> bool {
        let leads = self.outbox.leads();
        self.port.leading.store(leads, Ordering::SeqCst);
        leads
    }

    fn retire(&self) {
        self.outbox.hub().leave(&self.port.taker.owner);
        self.port.courier.close();
    }

    /// Lets other relays have what this one leased but did not send.
    async fn give_back(&self) {
        if let Err(error) = self.outbox.give_back(&self.port.taker).await {
            tracing::debug!(%error, "leases of a stopped relay run out by themselves");
        }
    }
}

/// A running relay.
pub struct RelayHandle {
    outbox: Arc<dyn Outbox>,
    running: JoinHandle<()>,
}

impl std::fmt::Debug for RelayHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelayHandle")
            .field("service", &self.outbox.service())
            .finish_non_exhaustive()
    }
}

impl RelayHandle {
    /// Waits until nothing is left to be sent (parked rows aside), at most
    /// `within`. For tests and orderly shutdown.
    pub async fn drained(&self, within: Duration) -> bool {
        let drained = async {
            loop {
                let backlog = self.outbox.backlog().await;
                if backlog.is_ok_and(|left| left.events == 0 && left.commands == 0) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(within, drained).await.is_ok()
    }

    /// Waits for the relay to end after its token was cancelled: what is being
    /// dispatched is finished (bounded by its time limit) and recorded.
    pub async fn join(self) {
        if let Err(error) = self.running.await {
            tracing::error!(%error, "the relay ended abnormally");
        }
    }

    /// Ends the relay where it stands, as a crash would. For tests.
    pub fn abort(&self) {
        self.running.abort();
    }
}
