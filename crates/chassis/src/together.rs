//! Events that are handled in a transaction the chassis begins and commits, so
//! that several at hand share one: what a commit costs, they pay once.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use covergen_proto::events::v1::Envelope;
use covergen_store::{CallContext, Store, Tx};
use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use tracing::Instrument as _;

use crate::event::{HandlerError, Subscription, panicked};
use crate::trace;

/// What a handler leaves to do once its transaction is committed. Whatever must
/// not get lost belongs into the transaction: a process may end in between.
pub struct Applied(Option<BoxFuture<'static, ()>>);

impl Applied {
    /// Nothing.
    #[must_use]
    pub const fn wholly() -> Self {
        Self(None)
    }

    /// This.
    pub fn then(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Some(Box::pin(work)))
    }
}

/// A handler at work in a transaction.
pub type Applying<'t> = BoxFuture<'t, Result<Applied, HandlerError>>;

type Apply = Arc<dyn for<'t> Fn(&'t Tx, Envelope) -> Applying<'t> + Send + Sync>;

/// The handler of a type of event that writes in a transaction it is given.
#[derive(Clone)]
pub(crate) struct Within {
    pub(crate) store: Store,
    /// Whether the inbox keeps it from an event that came before.
    pub(crate) once: bool,
    pub(crate) apply: Apply,
}

/// An event with its handler.
pub(crate) type Task<'s> = (&'s Within, Envelope);

impl Subscription {
    /// Applies events in their order in one transaction: all of them, or none.
    /// They are of one service, so of one store.
    pub(crate) async fn apply_in_one(&self, tasks: Vec<Task<'_>>) -> Result<(), HandlerError> {
        let Some((first, _)) = tasks.first() else {
            return Ok(());
        };
        let mut tx = first.store.begin().await.map_err(HandlerError::retry)?;
        let mut news = self.news(&tx, &tasks).await?;
        let mut applied = Vec::new();
        for (within, envelope) in tasks {
            if within.once && !news.remove(&envelope.id) {
                continue;
            }
            applied.push(self.apply_one(&mut tx, within, envelope).await?);
        }
        tx.commit().await.map_err(HandlerError::retry)?;
        let events = applied.len();
        join_all(applied.into_iter().filter_map(|Applied(rest)| rest)).await;
        for _ in 0..events {
            covergen_failpoint::pass("event", "handled");
        }
        Ok(())
    }

    /// Which of the events that take effect once have not done so yet.
    async fn news(&self, tx: &Tx, tasks: &[Task<'_>]) -> Result<HashSet<String>, HandlerError> {
        let once = tasks.iter().filter(|(within, _)| within.once);
        let ids: Vec<&str> = once.map(|(_, envelope)| envelope.id.as_str()).collect();
        tx.first_deliveries(self.consumer(), &ids)
            .await
            .map_err(HandlerError::retry)
    }

    async fn apply_one(
        &self,
        tx: &mut Tx,
        within: &Within,
        envelope: Envelope,
    ) -> Result<Applied, HandlerError> {
        let span = self.span(&envelope);
        let own = trace::adopt(&span, &envelope.traceparent);
        let origin = CallContext {
            traceparent: own.to_string(),
            correlation_id: envelope.correlation_id.clone(),
            causation_id: envelope.id.clone(),
            deadline: None,
        };
        tx.come_from(origin.clone());
        covergen_failpoint::pass("event", "came");
        // Inside, so that a handler that panics before its first wait counts, too.
        let handled = AssertUnwindSafe(async { (within.apply)(tx, envelope).await });
        let outcome = origin.scope(handled.catch_unwind()).instrument(span).await;
        outcome.unwrap_or_else(|panic| Err(panicked(panic.as_ref())))
    }
}
