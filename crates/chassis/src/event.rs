use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use covergen_events::{ConsumerSpec, EventLog};
use covergen_ids::WorkspaceId;
use covergen_proto::events::v1::Envelope;
use covergen_store::{Store, Tx};
use futures::FutureExt as _;
use prost::{Message, Name};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use crate::attempts::Attempts;
use crate::handling::Handling;
use crate::lanes::prefetch;
use crate::read_model::Gate;
use crate::service::{BoxError, BoxFuture};
use crate::together::{Applying, Task, Within};
use crate::trace;

/// An event as a handler gets it.
#[derive(Debug, Clone)]
pub struct Event<T> {
    /// Event id, for the inbox.
    pub id: String,
    /// Typed id of what changed.
    pub aggregate: String,
    /// 1, 2, 3 … per aggregate.
    pub aggregate_version: u64,
    /// Workspace that owns the aggregate.
    pub workspace_id: WorkspaceId,
    /// When it happened, in Unix milliseconds.
    pub occurred_at_ms: i64,
    /// The event itself.
    pub message: T,
}

/// Why a handler did not take an event.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// It may work later: the event comes again, a bounded number of times.
    #[error("{0}")]
    Retry(#[source] BoxError),
    /// It never will: the event is parked for an operator.
    #[error("{0}")]
    Poison(#[source] BoxError),
}

impl HandlerError {
    /// It may work later.
    pub fn retry(error: impl Into<BoxError>) -> Self {
        Self::Retry(error.into())
    }
}

type Alone = Arc<dyn Fn(Envelope) -> BoxFuture<Result<(), HandlerError>> + Send + Sync>;

enum Handler {
    /// It sees to everything itself.
    Alone(Alone),
    /// It is given a transaction.
    Within(Box<Within>),
}

/// A durable subscription to one domain's events. Types without a handler are
/// acknowledged unread.
///
/// Events of one aggregate come in their order, save for those that are tried
/// again, handed back by an operator, or sent again to a log that lost them. So
/// a handler does the same in any order: it adds what is not there yet, counts,
/// or asks for what is so now.
pub struct Subscription {
    stream: &'static str,
    consumer: &'static str,
    ack_wait: Option<Duration>,
    handlers: HashMap<String, Handler>,
}

impl Subscription {
    /// Reads the events of `stream` as `consumer`, a name that must not change.
    #[must_use]
    pub fn new(stream: &'static str, consumer: &'static str) -> Self {
        Self {
            stream,
            consumer,
            ack_wait: None,
            handlers: HashMap::new(),
        }
    }

    /// How long a handler may take, and an event waits to come again after its
    /// process ended: 30 s unless it is said.
    #[must_use]
    pub const fn ack_wait(mut self, wait: Duration) -> Self {
        self.ack_wait = Some(wait);
        self
    }

    /// Handles one type of event.
    #[must_use]
    pub fn on<T, F, Fut>(mut self, handler: F) -> Self
    where
        T: Message + Name + Default,
        F: Fn(Event<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let handle: Alone = Arc::new(move |envelope| match open::<T>(envelope) {
            Ok(event) => Box::pin(handler(event)),
            Err(error) => Box::pin(async move { Err(HandlerError::Poison(error)) }),
        });
        self.handlers.insert(T::full_name(), Handler::Alone(handle));
        self
    }

    /// Handles one type of event in a transaction of the service's store, once
    /// per event: the inbox row is of the same transaction.
    ///
    /// Events at hand share one, several times as fast as one each. Where one of
    /// them fails, none has happened, and each has a transaction of its own. So
    /// a handler writes nothing but in the transaction, calls nobody, and
    /// changes rows of the event's own aggregate alone: of rows that several
    /// aggregates share, transactions that take them in different orders would
    /// wait for each other.
    #[must_use]
    pub fn once<T, F>(self, store: &Store, handler: F) -> Self
    where
        T: Message + Name + Default,
        F: for<'t> Fn(&'t Tx, Event<T>) -> Applying<'t> + Send + Sync + 'static,
    {
        let mut subscription = self.within(store, handler);
        let handler = subscription.handlers.get_mut(&T::full_name());
        if let Some(Handler::Within(within)) = handler {
            within.once = true;
        }
        subscription
    }

    /// As [`Subscription::once`], without an inbox row: for a handler that
    /// bears an event that comes twice.
    #[must_use]
    pub fn within<T, F>(mut self, store: &Store, handler: F) -> Self
    where
        T: Message + Name + Default,
        F: for<'t> Fn(&'t Tx, Event<T>) -> Applying<'t> + Send + Sync + 'static,
    {
        let within = Within {
            store: store.clone(),
            once: false,
            apply: Arc::new(move |tx, envelope| match open::<T>(envelope) {
                Ok(event) => handler(tx, event),
                Err(error) => Box::pin(async move { Err(HandlerError::Poison(error)) }),
            }),
        };
        let handler = Handler::Within(Box::new(within));
        self.handlers.insert(T::full_name(), handler);
        self
    }

    /// Whether events of this name may share a transaction.
    pub(crate) fn shares(&self, event: &str) -> bool {
        let mut versions = self
            .handlers
            .iter()
            .filter(|(name, _)| last_word(name) == event);
        versions.any(|(_, handler)| matches!(handler, Handler::Within(_)))
    }

    /// Whether any may.
    pub(crate) fn shares_any(&self) -> bool {
        let mut handlers = self.handlers.values();
        handlers.any(|handler| matches!(handler, Handler::Within(_)))
    }

    /// The stream it reads.
    pub(crate) const fn stream(&self) -> &'static str {
        self.stream
    }

    /// The name it reads by.
    pub(crate) const fn consumer(&self) -> &'static str {
        self.consumer
    }

    /// Its durable consumer.
    pub(crate) fn spec(&self) -> ConsumerSpec {
        let spec = ConsumerSpec::new(self.stream, self.consumer);
        ConsumerSpec {
            prefetch: u32::try_from(prefetch(self.shares_any())).unwrap_or(1),
            handler_counts: true,
            ack_wait: self.ack_wait.unwrap_or(spec.ack_wait),
            ..spec
        }
    }

    /// Consumes until shutdown. The log going away and coming back is not the
    /// end: it is tried again, with growing pauses.
    pub(crate) async fn run(
        self: Arc<Self>,
        events: Arc<dyn EventLog>,
        gate: Option<Arc<Gate>>,
        attempts: Attempts,
        shutdown: CancellationToken,
    ) {
        let spec = self.spec();
        let mut pause = Duration::from_millis(100);
        let mut link = events.link();
        while !shutdown.is_cancelled() {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = link.up() => {}
            }
            // Whoever comes first declares the stream: the service that owns it
            // may start later, or elsewhere.
            let consumed = match events.declare_stream(self.stream).await {
                Ok(()) => events.consume(&spec).await,
                Err(error) => Err(error),
            };
            match consumed {
                Ok(deliveries) => {
                    pause = Duration::from_millis(100);
                    let handling = Handling {
                        subscription: &self,
                        gate: gate.as_deref(),
                        attempts: &attempts,
                        shutdown: &shutdown,
                    };
                    handling.consume(deliveries).await;
                }
                Err(error) => {
                    tracing::warn!(stream = self.stream, consumer = self.consumer, %error, "cannot consume events");
                }
            }
            if let Some(gate) = &gate {
                gate.opened(&shutdown).await;
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    pub(crate) fn span(&self, envelope: &Envelope) -> Span {
        let event = last_word(&envelope.r#type);
        tracing::info_span!(
            parent: None,
            "consume",
            otel.kind = "consumer",
            otel.name = format!("consume {event}"),
            event,
            eventId = envelope.id,
            stream = self.stream,
            consumer = self.consumer,
        )
    }

    /// Hands an encoded envelope to the handler of its type, if there is one.
    pub(crate) async fn apply(&self, envelope: Bytes) -> Result<(), HandlerError> {
        let envelope =
            Envelope::decode(envelope).map_err(|error| HandlerError::Poison(error.into()))?;
        let handler = match self.handlers.get(&envelope.r#type) {
            None => return Ok(()),
            Some(Handler::Within(within)) => {
                return self.apply_in_one(vec![(within, envelope)]).await;
            }
            Some(Handler::Alone(handler)) => handler,
        };
        let span = self.span(&envelope);
        let own = trace::adopt(&span, &envelope.traceparent);
        let origin = covergen_store::CallContext {
            traceparent: own.to_string(),
            correlation_id: envelope.correlation_id.clone(),
            causation_id: envelope.id.clone(),
            deadline: None,
        };
        covergen_failpoint::pass("event", "came");
        // Inside, so that a handler that panics before its first wait counts, too.
        let handled = AssertUnwindSafe(async { handler(envelope).await }).catch_unwind();
        let outcome = origin.scope(handled).instrument(span).await;
        let outcome = outcome.unwrap_or_else(|panic| Err(panicked(panic.as_ref())));
        covergen_failpoint::pass("event", "handled");
        outcome
    }

    /// Hands several encoded envelopes to their handlers in one transaction.
    /// `false`: nothing has happened, or it is not known, and each is to be
    /// handled by itself.
    pub(crate) async fn apply_together(&self, envelopes: &[Bytes]) -> bool {
        let mut tasks: Vec<Task<'_>> = Vec::new();
        for envelope in envelopes {
            let Ok(envelope) = Envelope::decode(envelope.clone()) else {
                return false;
            };
            match self.handlers.get(&envelope.r#type) {
                None => {}
                Some(Handler::Within(within)) => tasks.push((within, envelope)),
                Some(Handler::Alone(_)) => return false,
            }
        }
        match self.apply_in_one(tasks).await {
            Ok(()) => true,
            Err(error) => {
                let (stream, consumer) = (self.stream, self.consumer);
                tracing::debug!(stream, consumer, %error, "events are handled one by one");
                false
            }
        }
    }
}

/// The name of a type without its package.
fn last_word(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

/// A panic may have come of what passes, and of what does not: the event comes
/// again until its deliveries are used up, and the next ones are handled.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> HandlerError {
    let said = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    let said = said.unwrap_or_default();
    HandlerError::retry(format!("the handler panicked: {said}"))
}

fn open<T: Message + Name + Default>(envelope: Envelope) -> Result<Event<T>, BoxError> {
    let occurred_at_ms = envelope
        .occurred_at
        .map_or(0, |at| at.seconds * 1000 + i64::from(at.nanos) / 1_000_000);
    Ok(Event {
        message: T::decode(envelope.data)?,
        workspace_id: envelope.workspace_id.parse()?,
        id: envelope.id,
        aggregate: envelope.aggregate,
        aggregate_version: envelope.aggregate_version,
        occurred_at_ms,
    })
}
