use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};

use super::settle::Settlement;
use super::{DispatchFailure, Dispatcher, RelayOptions, Verdict};
use crate::OutboxCommand;

/// Makes the calls, a bounded number at a time, whether a command comes from
/// memory right after its commit or out of the outbox.
pub(crate) struct Courier {
    dispatcher: Arc<dyn Dispatcher>,
    timeout: Duration,
    permits: Arc<Semaphore>,
    /// Rows being dispatched, or dispatched and not yet recorded.
    in_flight: Mutex<HashSet<i64>>,
    outcomes: mpsc::UnboundedSender<Outcome>,
    wake: Notify,
    /// Something may wait for a row in flight: look again once that is done.
    recheck: AtomicBool,
    closed: AtomicBool,
}

/// How a dispatch ended. It holds its place until it is recorded, so that a
/// database that cannot be written to stops further dispatches.
pub(super) struct Outcome {
    pub(super) settlement: Settlement,
    _place: OwnedSemaphorePermit,
}

impl std::fmt::Debug for Courier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Courier")
            .field("in_flight", &self.in_flight().len())
            .finish_non_exhaustive()
    }
}

impl Courier {
    pub(super) fn new(
        dispatcher: Arc<dyn Dispatcher>,
        options: &RelayOptions,
        outcomes: mpsc::UnboundedSender<Outcome>,
    ) -> Arc<Self> {
        Arc::new(Self {
            dispatcher,
            timeout: options.dispatch_timeout(),
            permits: Arc::new(Semaphore::new(options.max_commands.max(1) as usize)),
            in_flight: Mutex::default(),
            outcomes,
            wake: Notify::new(),
            recheck: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        })
    }

    /// Starts a call; `false` when there is no room for it now.
    pub(super) fn dispatch(self: &Arc<Self>, seq: i64, command: OutboxCommand) -> bool {
        if self.closed.load(Ordering::SeqCst) {
            return false;
        }
        let Ok(place) = Arc::clone(&self.permits).try_acquire_owned() else {
            return false;
        };
        if !self.in_flight().insert(seq) {
            return true;
        }
        let courier = Arc::clone(self);
        tokio::spawn(async move {
            let attempt = command.attempt;
            covergen_failpoint::pass("command", "before-call");
            let verdict = courier.call(command).await;
            covergen_failpoint::pass("command", "called");
            let settlement = Settlement {
                seq,
                attempt,
                verdict,
            };
            // Nobody listens once the relay has ended; the row is sent again.
            let _ = courier.outcomes.send(Outcome {
                settlement,
                _place: place,
            });
        });
        true
    }

    async fn call(&self, command: OutboxCommand) -> Verdict {
        let call = AssertUnwindSafe(self.dispatcher.command(command)).catch_unwind();
        match tokio::time::timeout(self.timeout, call).await {
            Ok(Ok(Ok(()))) => Verdict::Sent,
            Ok(Ok(Err(DispatchFailure::Retry(why) | DispatchFailure::Away(why)))) => {
                Verdict::Retry(why)
            }
            Ok(Ok(Err(DispatchFailure::Refused(why)))) => Verdict::Refused(why),
            Ok(Err(_)) => Verdict::Retry("the dispatcher panicked".to_owned()),
            Err(_) => Verdict::Retry("no answer in time".to_owned()),
        }
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Rows that may be dispatched besides those in flight.
    pub(super) fn room(&self) -> usize {
        self.permits.available_permits()
    }

    pub(super) fn in_flight(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wake(&self) {
        self.set_recheck(true);
        self.wake.notify_one();
    }

    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }

    pub(super) fn set_recheck(&self, recheck: bool) {
        self.recheck.store(recheck, Ordering::SeqCst);
    }

    pub(super) fn recheck(&self) -> bool {
        self.recheck.load(Ordering::SeqCst)
    }
}
