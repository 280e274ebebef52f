//! The way of a delivery through a process: into a lane, past the gate, to the
//! handler, and back to the log.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use covergen_events::{Deliveries, Delivery};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use crate::attempts::{Attempts, Turn, came_before, id, keep};
use crate::read_model::{Gate, LOOK};
use crate::{HandlerError, Subscription};

/// Events of one subscription that a process has at hand, not counting those
/// under suspicion and what waits behind them. More would wait for the database.
pub(crate) const LANES: usize = 8;

/// How soon an event comes again whose attempt could not be noted: a database
/// that is away for a while must park nothing.
const UNNOTED: Duration = Duration::from_secs(2);

/// Deliveries at hand, oldest first, and the aggregates that are being handled.
#[derive(Default)]
struct Lanes {
    waiting: VecDeque<Delivery>,
    /// And whether theirs is under suspicion.
    busy: HashMap<String, bool>,
}

impl Lanes {
    /// Whatever waits for a turn takes no room from others: it is bounded by
    /// what the consumer may have in flight.
    fn has_room(&self) -> bool {
        let waiting = self.waiting.iter().filter(|delivery| {
            let aggregate = delivery.record().subject.aggregate();
            !came_before(delivery) && self.busy.get(aggregate) != Some(&true)
        });
        let busy = self.busy.values().filter(|suspected| !**suspected);
        waiting.count() + busy.count() < LANES
    }

    fn push(&mut self, delivery: Delivery) {
        self.waiting.push_back(delivery);
    }

    /// The oldest delivery that nothing of its aggregate is before.
    fn next(&mut self) -> Option<(String, Delivery)> {
        let at = self.waiting.iter().position(|delivery| {
            !self
                .busy
                .contains_key(delivery.record().subject.aggregate())
        })?;
        let delivery = self.waiting.remove(at)?;
        let aggregate = delivery.record().subject.aggregate().to_owned();
        self.busy.insert(aggregate.clone(), came_before(&delivery));
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

/// A subscription at work.
pub(crate) struct Handling<'s> {
    pub(crate) subscription: &'s Subscription,
    pub(crate) gate: Option<&'s Gate>,
    pub(crate) attempts: &'s Attempts,
    pub(crate) shutdown: &'s CancellationToken,
}

impl Handling<'_> {
    /// Handles deliveries until there are none, or the gate is shut: several
    /// at once, those of one aggregate one after another in their order.
    pub(crate) async fn consume(&self, mut deliveries: Deliveries) {
        let mut lanes = Lanes::default();
        let mut running = FuturesUnordered::new();
        let begin = |aggregate: String, delivery: Delivery| async move {
            (aggregate, self.pass(delivery).await)
        };
        let mut keep = tokio::time::interval(self.keep_every());
        keep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            while let Some((aggregate, delivery)) = lanes.next() {
                running.push(begin(aggregate, delivery));
            }
            tokio::select! {
                biased;
                () = self.shutdown.cancelled() => break,
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
        // What was begun is finished; what waits comes again.
        for delivery in lanes.waiting.drain(..) {
            self.hand_back(delivery, "it was not begun").await;
        }
        while running.next().await.is_some() {}
    }

    fn keep_every(&self) -> Duration {
        self.subscription.spec().ack_wait / 3
    }

    /// Handles a delivery; `false` when the gate before it is shut, or the
    /// process ends. Where the gate cannot be asked, it is asked again. The
    /// turn comes first: whoever waits for it stands in nobody's way.
    async fn pass(&self, delivery: Delivery) -> bool {
        let wait = self.keep_every();
        let mut kept = tokio::time::Instant::now();
        loop {
            let Some(turn) = self.turn(&delivery).await else {
                self.hand_back(delivery, "the process ends").await;
                return false;
            };
            let Some(gate) = self.gate else {
                self.handle(delivery, turn).await;
                return true;
            };
            match gate.pass().await {
                Ok(Some(_passed)) => {
                    self.handle(delivery, turn).await;
                    return true;
                }
                Ok(None) => {
                    drop(turn);
                    self.hand_back(delivery, "a rebuild is under way").await;
                    return false;
                }
                Err(_) => drop(turn),
            }
            if kept.elapsed() >= wait {
                keep(&delivery).await;
                kept = tokio::time::Instant::now();
            }
            tokio::select! {
                () = self.shutdown.cancelled() => {
                    self.hand_back(delivery, "the process ends").await;
                    return false;
                }
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Waits for the turn of an event that came before; others need none. None
    /// comes once the process ends.
    async fn turn(&self, delivery: &Delivery) -> Option<Turn> {
        if !came_before(delivery) {
            return Some(Turn::free());
        }
        tokio::select! {
            biased;
            turn = self.attempts.turn(delivery, self.keep_every()) => Some(turn),
            () = self.shutdown.cancelled() => None,
        }
    }

    /// Hands back what was not begun. The rebuild sets the consumer back and
    /// forgets what is in flight; but what it delivers between that and the
    /// gate's opening should not wait for its ack wait.
    async fn hand_back(&self, delivery: Delivery, why: &str) {
        self.again(delivery, Duration::from_millis(100), why).await;
    }

    async fn again(&self, delivery: Delivery, after: Duration, why: &str) {
        if let Err(error) = delivery.nak(Some(after), why).await {
            let stream = self.subscription.stream();
            tracing::debug!(stream, %error, "an event comes again after its ack wait");
        }
    }

    async fn handle(&self, delivery: Delivery, turn: Turn) {
        if came_before(&delivery) {
            return turn.take(self.handle_again(delivery)).await;
        }
        let payload = delivery.record().payload.clone();
        let outcome = self.subscription.apply(payload).await;
        self.settle(delivery, outcome).await;
    }

    /// Handles an event that came before.
    async fn handle_again(&self, mut delivery: Delivery) {
        let (consumer, spec) = (self.subscription.consumer(), self.subscription.spec());
        let id = id(&delivery);
        let handed_out = delivery.delivery_count;
        let attempt = match self.attempts.begin(consumer, &id, handed_out).await {
            Ok(attempt) => attempt,
            Err(error) => {
                tracing::debug!(consumer, %error, "an attempt at an event cannot be noted");
                let why = "its attempt could not be noted";
                return self.again(delivery, UNNOTED, why).await;
            }
        };
        // What is told of it is how often it began.
        delivery.delivery_count = attempt.min(spec.max_deliver);
        let outcome = if attempt > spec.max_deliver {
            let why = "not settled within the ack wait, or its process ended";
            Err(HandlerError::Poison(why.into()))
        } else {
            let payload = delivery.record().payload.clone();
            self.subscription.apply(payload).await
        };
        let is_over = delivery.delivery_count >= spec.max_deliver
            || !matches!(outcome, Err(HandlerError::Retry(_)));
        // What could not be parked comes again, and must not count anew: of an
        // event that ends its process, there would be no end.
        if self.settle(delivery, outcome).await && is_over {
            self.attempts.end(consumer, &id).await;
        }
    }

    /// Answers whether the log has taken it.
    async fn settle(&self, delivery: Delivery, outcome: Result<(), HandlerError>) -> bool {
        let (stream, consumer) = (self.subscription.stream(), self.subscription.consumer());
        let spec = self.subscription.spec();
        let settled = match outcome {
            Ok(()) => delivery.ack().await,
            Err(HandlerError::Retry(error)) if delivery.delivery_count < spec.max_deliver => {
                tracing::warn!(stream, consumer, %error, "an event will come again");
                let after = spec.delay_after(delivery.delivery_count);
                let handed_back = delivery.nak(Some(after), &error.to_string()).await;
                handed_back.map(drop)
            }
            Err(HandlerError::Retry(error) | HandlerError::Poison(error)) => {
                let parked = delivery.park(&error.to_string()).await;
                if parked.is_ok() {
                    tracing::error!(stream, consumer, %error, "an event was parked");
                }
                parked
            }
        };
        if let Err(error) = &settled {
            // Not settled means delivered again, and the inbox knows it.
            tracing::warn!(stream, consumer, %error, "an event was not settled");
        }
        settled.is_ok()
    }
}
