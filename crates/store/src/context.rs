use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

tokio::task_local! {
    static CURRENT: CallContext;
}

/// Where the work at hand comes from. Whatever a transaction begun within
/// [`CallContext::scope`] appends to the outbox carries it on. Tasks spawned
/// from within do not inherit it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallContext {
    /// W3C trace context.
    pub traceparent: String,
    /// Id shared by everything that one user action set off; when empty, the
    /// row appended starts a chain of its own.
    pub correlation_id: String,
    /// Id of the event or request being handled.
    pub causation_id: String,
    /// When whoever called stops waiting, if ever: nobody waits for a connection
    /// for so long that there is no time left to say that there was none.
    pub deadline: Option<Instant>,
}

impl CallContext {
    /// Runs a future within this context.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// The context of the running task; empty outside of any scope.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(Clone::clone).unwrap_or_default()
    }

    /// What is left until the deadline of the running task.
    pub(crate) fn left() -> Option<Duration> {
        let deadline = CURRENT.try_with(|context| context.deadline).ok()??;
        Some(deadline.saturating_duration_since(Instant::now()))
    }
}
