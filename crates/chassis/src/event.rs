use std::collections::{HashMap, HashSet, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use covergen_events::{ConsumerSpec, Deliveries, Delivery, EventLog};
use covergen_ids::WorkspaceId;
use covergen_proto::events::v1::Envelope;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use prost::{Message, Name};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use crate::read_model::Gate;
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

/// Events of one subscription that a process has at hand. More would wait for
/// the database, and if the process died, each would be a delivery nearer to
/// the dead letters.
const LANES: usize = 8;

/// Deliveries at hand, oldest first, and the aggregates that are being handled.
#[derive(Default)]
struct Lanes {
    waiting: VecDeque<Delivery>,
    busy: HashSet<String>,
}

impl Lanes {
    fn has_room(&self) -> bool {
        self.waiting.len() + self.busy.len() < LANES
    }

    fn push(&mut self, delivery: Delivery) {
        self.waiting.push_back(delivery);
    }

    /// The oldest delivery that nothing of its aggregate is before.
    fn next(&mut self) -> Option<(String, Delivery)> {
        let at = self
            .waiting
            .iter()
            .position(|delivery| !self.busy.contains(delivery.record().subject.aggregate()))?;
        let delivery = self.waiting.remove(at)?;
        let aggregate = delivery.record().subject.aggregate().to_owned();
        self.busy.insert(aggregate.clone());
        Some((aggregate, delivery))
    }

    fn done(&mut self, aggregate: &str) {
        self.busy.remove(aggregate);
    }
}

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

    /// The stream it reads.
    pub(crate) const fn stream(&self) -> &'static str {
        self.stream
    }

    /// Its durable consumer.
    pub(crate) fn spec(&self) -> ConsumerSpec {
        ConsumerSpec {
            prefetch: u32::try_from(LANES).unwrap_or(1),
            ..ConsumerSpec::new(self.stream, self.consumer)
        }
    }

    /// Consumes until shutdown. The log going away and coming back is not the
    /// end: it is tried again, with growing pauses.
    pub(crate) async fn run(
        self: Arc<Self>,
        events: Arc<dyn EventLog>,
        gate: Option<Arc<Gate>>,
        shutdown: CancellationToken,
    ) {
        let spec = self.spec();
        let mut pause = Duration::from_millis(100);
        while !shutdown.is_cancelled() {
            // Whoever comes first declares the stream: the service that owns it
            // may start later, or elsewhere.
            let consumed = match events.declare_stream(self.stream).await {
                Ok(()) => events.consume(&spec).await,
                Err(error) => Err(error),
            };
            match consumed {
                Ok(deliveries) => {
                    pause = Duration::from_millis(100);
                    self.consume(deliveries, gate.as_deref(), &shutdown).await;
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

    /// Handles deliveries until there are none, or the gate is shut: several
    /// at once, those of one aggregate one after another in their order.
    async fn consume(
        &self,
        mut deliveries: Deliveries,
        gate: Option<&Gate>,
        shutdown: &CancellationToken,
    ) {
        let mut lanes = Lanes::default();
        let mut running = FuturesUnordered::new();
        loop {
            while let Some((aggregate, delivery)) = lanes.next() {
                running.push(async { (aggregate, self.pass(delivery, gate).await) });
            }
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some((aggregate, passed)) = running.next() => {
                    lanes.done(&aggregate);
                    if !passed {
                        break;
                    }
                }
                next = deliveries.next(), if lanes.has_room() => {
                    let Some(delivery) = next else { break };
                    lanes.push(delivery);
                }
            }
        }
        // What was begun is finished; what waits comes again.
        while running.next().await.is_some() {}
    }

    /// Handles a delivery; `false` when the gate before it is shut.
    async fn pass(&self, delivery: Delivery, gate: Option<&Gate>) -> bool {
        let Some(gate) = gate else {
            self.handle(delivery).await;
            return true;
        };
        let Some(_passed) = gate.pass().await else {
            self.refuse(delivery).await;
            return false;
        };
        self.handle(delivery).await;
        true
    }

    /// Hands back what came while the gate is shut. The rebuild sets the
    /// consumer back and forgets what is in flight; but what it delivers
    /// between that and the gate's opening should not wait for its ack wait.
    async fn refuse(&self, delivery: Delivery) {
        if delivery.delivery_count >= self.spec().max_deliver {
            return;
        }
        let soon = Some(Duration::from_millis(100));
        if let Err(error) = delivery.nak(soon, "a rebuild is under way").await {
            tracing::debug!(stream = self.stream, %error, "an event comes again after its ack wait");
        }
    }

    async fn handle(&self, delivery: Delivery) {
        let settled = match self.apply(delivery.record().payload.clone()).await {
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

    /// Hands an encoded envelope to the handler of its type, if there is one.
    pub(crate) async fn apply(&self, envelope: Bytes) -> Result<(), HandlerError> {
        let envelope =
            Envelope::decode(envelope).map_err(|error| HandlerError::Poison(error.into()))?;
        let Some(handler) = self.handlers.get(&envelope.r#type) else {
            return Ok(());
        };
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
