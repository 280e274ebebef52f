//! What a service folds from events, and can fold again from the first one.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use covergen_store::{Error, Store, Tx};
use tokio::sync::{RwLock, RwLockReadGuard};
use tokio_util::sync::CancellationToken;

use crate::Subscription;

/// The kind of job that rebuilds a read model; its subject is the model.
pub const REBUILD: &str = "rebuild";

/// Time between two looks at a shut gate.
pub(crate) const LOOK: Duration = Duration::from_millis(250);

type Reset = Box<
    dyn for<'t> Fn(&'t Tx) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 't>>
        + Send
        + Sync,
>;

/// Tables that events alone fill: emptied and told every event again, they are
/// what they were. Handlers of its subscriptions write nothing else, emit
/// nothing, and bear an event that comes twice.
pub struct ReadModel {
    pub(crate) name: &'static str,
    pub(crate) inbox: Option<&'static str>,
    pub(crate) reset: Reset,
    pub(crate) subscriptions: Vec<Subscription>,
}

impl ReadModel {
    /// A read model and how its tables are emptied. Its name begins with the
    /// service's: `user-history`.
    #[must_use]
    pub fn new<F>(name: &'static str, reset: F) -> Self
    where
        F: for<'t> Fn(&'t Tx) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 't>>
            + Send
            + Sync
            + 'static,
    {
        Self {
            name,
            inbox: None,
            reset: Box::new(reset),
            subscriptions: Vec::new(),
        }
    }

    /// The consumer that its handlers name to the inbox, and nobody else does;
    /// what it has applied is forgotten with the tables.
    #[must_use]
    pub const fn inbox(mut self, consumer: &'static str) -> Self {
        self.inbox = Some(consumer);
        self
    }

    /// Folds these events.
    #[must_use]
    pub fn reads(mut self, subscription: Subscription) -> Self {
        self.subscriptions.push(subscription);
        self
    }
}

/// Keeps live events out of a read model while it is rebuilt, in every process
/// of the service: it is shut as long as a row asks for a rebuild.
pub(crate) struct Gate {
    store: Store,
    model: &'static str,
    passing: RwLock<()>,
}

/// Somebody handles an event.
pub(crate) struct Passed<'g>(#[expect(dead_code, reason = "it is held")] RwLockReadGuard<'g, ()>);

impl Gate {
    pub(crate) fn new(store: Store, model: &'static str) -> Arc<Self> {
        Arc::new(Self {
            store,
            model,
            passing: RwLock::new(()),
        })
    }

    /// Lets an event through, until the answer is dropped; `None` while the
    /// gate is shut. Without the database, neither is known.
    pub(crate) async fn pass(&self) -> Result<Option<Passed<'_>>, Error> {
        // First in, then looked: whoever shuts the gate waits for those who
        // looked before.
        let passing = self.passing.read().await;
        Ok(self.is_open().await?.then_some(Passed(passing)))
    }

    /// Waits until nobody in this process is inside.
    pub(crate) async fn emptied(&self) {
        drop(self.passing.write().await);
    }

    /// Waits until the gate is open.
    pub(crate) async fn opened(&self, shutdown: &CancellationToken) {
        while !shutdown.is_cancelled() && !matches!(self.is_open().await, Ok(true)) {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    async fn is_open(&self) -> Result<bool, Error> {
        let waiting = self.store.is_job_waiting(REBUILD, self.model).await;
        if let Err(error) = &waiting {
            tracing::debug!(model = self.model, %error, "whether a rebuild runs is not known");
        }
        Ok(!waiting?)
    }
}
