use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use covergen_events::{ConsumerSpec, Delivery, EventLog};
use covergen_ids::WorkspaceId;
use covergen_proto::events::v1::Envelope;
use futures::StreamExt as _;
use prost::{Message, Name};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use crate::service::{BoxError, BoxFuture};
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

type Handler = Arc<dyn Fn(Envelope) -> BoxFuture<Result<(), HandlerError>> + Send + Sync>;

/// A durable subscription to one domain's events. Types without a handler are
/// acknowledged unread.
pub struct Subscription {
    stream: &'static str,
    consumer: &'static str,
    handlers: HashMap<String, Handler>,
}

impl Subscription {
    /// Reads the events of `stream` as `consumer`, a name that must not change.
    #[must_use]
    pub fn new(stream: &'static str, consumer: &'static str) -> Self {
        Self {
            stream,
            consumer,
            handlers: HashMap::new(),
        }
    }

    /// Handles one type of event.
    #[must_use]
    pub fn on<T, F, Fut>(mut self, handler: F) -> Self
    where
        T: Message + Name + Default,
        F: Fn(Event<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let handle: Handler = Arc::new(move |envelope| match open::<T>(envelope) {
            Ok(event) => Box::pin(handler(event)),
            Err(error) => Box::pin(async move { Err(HandlerError::Poison(error)) }),
        });
        self.handlers.insert(T::full_name(), handle);
        self
    }

    /// Consumes until shutdown. The log going away and coming back is not the
    /// end: it is tried again, with growing pauses.
    pub(crate) async fn run(self, events: Arc<dyn EventLog>, shutdown: CancellationToken) {
        let spec = ConsumerSpec::new(self.stream, self.consumer);
        let mut pause = Duration::from_millis(100);
        while !shutdown.is_cancelled() {
            // Whoever comes first declares the stream: the service that owns it
            // may start later, or elsewhere.
            let consumed = match events.declare_stream(self.stream).await {
                Ok(()) => events.consume(&spec).await,
                Err(error) => Err(error),
            };
            match consumed {
                Ok(mut deliveries) => {
                    pause = Duration::from_millis(100);
                    loop {
                        let next = tokio::select! {
                            () = shutdown.cancelled() => return,
                            next = deliveries.next() => next,
                        };
                        let Some(delivery) = next else { break };
                        self.handle(delivery).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(stream = self.stream, consumer = self.consumer, %error, "cannot consume events");
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    fn span(&self, envelope: &Envelope) -> Span {
        let event = envelope.r#type.rsplit('.').next().unwrap_or_default();
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

    async fn handle(&self, delivery: Delivery) {
        let outcome = match Envelope::decode(delivery.record().payload.clone()) {
            Err(error) => Err(HandlerError::Poison(error.into())),
            Ok(envelope) => match self.handlers.get(&envelope.r#type) {
                None => Ok(()),
                Some(handler) => {
                    let span = self.span(&envelope);
                    let own = trace::adopt(&span, &envelope.traceparent);
                    let origin = covergen_store::CallContext {
                        traceparent: own.to_string(),
                        correlation_id: envelope.correlation_id.clone(),
                        causation_id: envelope.id.clone(),
                    };
                    covergen_failpoint::pass("event", "came");
                    let outcome = origin.scope(handler(envelope)).instrument(span).await;
                    covergen_failpoint::pass("event", "handled");
                    outcome
                }
            },
        };
        let settled = match outcome {
            Ok(()) => delivery.ack().await,
            Err(HandlerError::Retry(error)) => {
                tracing::warn!(stream = self.stream, consumer = self.consumer, %error, "an event will come again");
                delivery.nak(None, &error.to_string()).await.map(drop)
            }
            Err(HandlerError::Poison(error)) => {
                tracing::error!(stream = self.stream, consumer = self.consumer, %error, "an event was parked");
                delivery.park(&error.to_string()).await
            }
        };
        if let Err(error) = settled {
            // Not settled means delivered again, and the inbox knows it.
            tracing::warn!(stream = self.stream, consumer = self.consumer, %error, "an event was not settled");
        }
    }
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
