//! Which event ended the process.
//!
//! The log counts what it handed out: of several events at hand when a process
//! dies, all count one, though one alone is to blame. So whoever handles events
//! counts what began. The first delivery of an event costs nothing. One that
//! comes again is under suspicion: its attempt is written down before it
//! begins, and of all that are under suspicion in a process only one is handled
//! at a time. What dies with it is its own doing; the others come again
//! uncounted, and pass when it is their turn.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use covergen_events::Delivery;
use covergen_store::{Error, Store};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long others under suspicion wait for one that takes its time. What ends
/// a process does so sooner.
const ALONE: Duration = Duration::from_secs(1);

/// The turns of events under suspicion, in one process.
#[derive(Debug, Clone)]
pub(crate) struct Suspects(Arc<Semaphore>);

impl Default for Suspects {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

/// One event's turn; whoever is next has it once this is dropped.
#[derive(Debug)]
pub(crate) struct Turn(#[expect(dead_code, reason = "it is held")] Option<OwnedSemaphorePermit>);

impl Turn {
    /// That of an event that needs to wait for nobody.
    pub(crate) const fn free() -> Self {
        Self(None)
    }

    /// Does something with nobody else under suspicion beside it.
    pub(crate) async fn take<T>(self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        if let Ok(done) = timeout(ALONE, &mut work).await {
            return done;
        }
        drop(self);
        work.await
    }
}

/// Counts the attempts of one service's handlers.
#[derive(Debug, Clone)]
pub(crate) struct Attempts {
    store: Store,
    suspects: Suspects,
}

impl Attempts {
    pub(crate) const fn new(store: Store, suspects: Suspects) -> Self {
        Self { store, suspects }
    }

    /// Waits for an event's turn, and keeps it from coming again meanwhile.
    pub(crate) async fn turn(&self, delivery: &Delivery, keep_every: Duration) -> Turn {
        let mut permit = pin!(Arc::clone(&self.suspects.0).acquire_owned());
        loop {
            if let Ok(permit) = timeout(keep_every, &mut permit).await {
                // It is an error only once the semaphore is closed, which it
                // never is.
                return Turn(permit.ok());
            }
            keep(delivery).await;
        }
    }

    /// Notes that an attempt at an event that came again begins, as the log
    /// handed it out for the given time; which it is.
    pub(crate) async fn begin(
        &self,
        consumer: &str,
        id: &str,
        handed_out: u32,
    ) -> Result<u32, Error> {
        self.store.begin_attempt(consumer, id, handed_out).await
    }

    /// Forgets the attempts at an event that is done with.
    pub(crate) async fn end(&self, consumer: &str, id: &str) {
        if let Err(error) = self.store.end_attempts(consumer, id).await {
            tracing::debug!(consumer, %error, "attempts at an event that is done with stay noted");
        }
    }
}

/// Whether an event comes again, and so is under suspicion.
pub(crate) fn came_before(delivery: &Delivery) -> bool {
    delivery.delivery_count > 1
}

/// An event's id, as attempts at it are noted.
pub(crate) fn id(delivery: &Delivery) -> String {
    delivery.record().id.to_string()
}

/// Keeps an event that waits from coming again meanwhile.
pub(crate) async fn keep(delivery: &Delivery) {
    if let Err(error) = delivery.extend().await {
        tracing::debug!(%error, "an event that waits may come again meanwhile");
    }
}
