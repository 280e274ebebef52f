use std::any::Any;
use std::collections::{HashMap, HashSet, VecDeque};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use covergen_events::{ConsumerSpec, Deliveries, Delivery, EventLog};
use covergen_ids::WorkspaceId;
use covergen_proto::events::v1::Envelope;
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use prost::{Message, Name};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use crate::read_model::{Gate, LOOK};
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

    /// Keeps what waits from coming again meanwhile.
    async fn keep(&self) {
        for delivery in &self.waiting {
            keep(delivery).await;
        }
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
        let begin = |aggregate: String, delivery: Delivery| async move {
            (aggregate, self.pass(delivery, gate, shutdown).await)
        };
        let mut keep = tokio::time::interval(self.spec().ack_wait / 3);
        keep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            while let Some((aggregate, delivery)) = lanes.next() {
                running.push(begin(aggregate, delivery));
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
                _ = keep.tick() => lanes.keep().await,
            }
        }
        drop(deliveries);
        // What was begun is finished; what waits comes again, or waits for the
        // gate where it would not.
        for delivery in lanes.waiting.drain(..) {
            if gate.is_some() && self.is_last(&delivery) {
                let aggregate = delivery.record().subject.aggregate().to_owned();
                running.push(begin(aggregate, delivery));
            } else {
                self.hand_back(delivery, "it was not begun").await;
            }
        }
        while running.next().await.is_some() {}
    }

    /// Handles a delivery; `false` when the gate before it is shut. Where the
    /// gate cannot be asked, it is asked again: handing back costs a delivery,
    /// and a database that is away for a while must park nothing. Neither must a
    /// rebuild, so the last delivery waits for the gate here.
    async fn pass(
        &self,
        delivery: Delivery,
        gate: Option<&Gate>,
        shutdown: &CancellationToken,
    ) -> bool {
        let Some(gate) = gate else {
            self.handle(delivery).await;
            return true;
        };
        let is_last = self.is_last(&delivery);
        let wait = self.spec().ack_wait / 3;
        let mut kept = tokio::time::Instant::now();
        loop {
            match gate.pass().await {
                Ok(Some(_passed)) => {
                    self.handle(delivery).await;
                    return true;
                }
                Ok(None) if !is_last => {
                    self.hand_back(delivery, "a rebuild is under way").await;
                    return false;
                }
                Ok(None) | Err(_) => {}
            }
            if kept.elapsed() >= wait {
                keep(&delivery).await;
                kept = tokio::time::Instant::now();
            }
            tokio::select! {
                () = shutdown.cancelled() => {
                    self.hand_back(delivery, "the process ends").await;
                    return false;
                }
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    fn is_last(&self, delivery: &Delivery) -> bool {
        delivery.delivery_count >= self.spec().max_deliver
    }

    /// Hands back what was not begun. The rebuild sets the consumer back and
    /// forgets what is in flight; but what it delivers between that and the
    /// gate's opening should not wait for its ack wait.
    async fn hand_back(&self, delivery: Delivery, why: &str) {
        if self.is_last(&delivery) {
            return;
        }
        let soon = Some(Duration::from_millis(100));
        if let Err(error) = delivery.nak(soon, why).await {
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
        // Inside, so that a handler that panics before its first wait counts, too.
        let handled = AssertUnwindSafe(async { handler(envelope).await }).catch_unwind();
        let outcome = origin.scope(handled).instrument(span).await;
        let outcome = outcome.unwrap_or_else(|panic| Err(panicked(panic.as_ref())));
        covergen_failpoint::pass("event", "handled");
        outcome
    }
}

async fn keep(delivery: &Delivery) {
    if let Err(error) = delivery.extend().await {
        tracing::debug!(%error, "an event that waits may come again meanwhile");
    }
}

/// A panic may have come of what passes, and of what does not: the event comes
/// again until its deliveries are used up, and the next ones are handled.
fn panicked(panic: &(dyn Any + Send)) -> HandlerError {
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
