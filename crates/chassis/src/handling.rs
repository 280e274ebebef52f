//! The way of a delivery through a process: into a lane, past the gate, to the
//! handler, and back to the log.

use std::time::Duration;

use bytes::Bytes;
use covergen_events::{Deliveries, Delivery};
use futures::StreamExt as _;
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use crate::attempts::{Attempts, Turn, came_before, id, keep};
use crate::lanes::{Lanes, Work};
use crate::read_model::{Gate, LOOK};
use crate::{HandlerError, Subscription};

/// How soon an event comes again whose attempt could not be noted: a database
/// that is away for a while must park nothing.
const UNNOTED: Duration = Duration::from_secs(2);

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
        let mut lanes = Lanes::new(self.subscription);
        let mut running = FuturesUnordered::new();
        let begin = |work: Work| async move {
            let passed = self.pass(work.events).await;
            (work.way, work.aggregates, passed)
        };
        let mut keep = tokio::time::interval(self.keep_every());
        keep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            while let Some(work) = lanes.next() {
                running.push(begin(work));
            }
            tokio::select! {
                biased;
                () = self.shutdown.cancelled() => break,
                Some((way, aggregates, passed)) = running.next() => {
                    lanes.done(way, &aggregates);
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
        // What was begun is finished; what waits comes again. Neither waits for
        // the other: a log that is away is in no hurry to take anything back.
        let waiting = lanes.into_waiting();
        let handed_back = self.hand_back(waiting, "it was not begun");
        let finished = async { while running.next().await.is_some() {} };
        tokio::join!(handed_back, finished);
    }

    fn keep_every(&self) -> Duration {
        self.subscription.spec().ack_wait / 3
    }

    /// Handles one delivery, or several in one transaction; `false` when the
    /// gate before them is shut, or the process ends. Where the gate cannot be
    /// asked, it is asked again. The turn comes first: whoever waits for it
    /// stands in nobody's way.
    async fn pass(&self, events: Vec<Delivery>) -> bool {
        let wait = self.keep_every();
        let mut kept = tokio::time::Instant::now();
        loop {
            let Some(turn) = self.turn(&events).await else {
                self.hand_back(events, "the process ends").await;
                return false;
            };
            let Some(gate) = self.gate else {
                self.handle(events, turn).await;
                return true;
            };
            match gate.pass().await {
                Ok(Some(_passed)) => {
                    self.handle(events, turn).await;
                    return true;
                }
                Ok(None) => {
                    drop(turn);
                    self.hand_back(events, "a rebuild is under way").await;
                    return false;
                }
                Err(_) => drop(turn),
            }
            if kept.elapsed() >= wait {
                for delivery in &events {
                    keep(delivery).await;
                }
                kept = tokio::time::Instant::now();
            }
            tokio::select! {
                () = self.shutdown.cancelled() => {
                    self.hand_back(events, "the process ends").await;
                    return false;
                }
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Waits for the turn of an event that came before; others need none. None
    /// comes once the process ends.
    async fn turn(&self, events: &[Delivery]) -> Option<Turn> {
        let Some(delivery) = events.iter().find(|event| came_before(event)) else {
            return Some(Turn::free());
        };
        tokio::select! {
            biased;
            turn = self.attempts.turn(delivery, self.keep_every()) => Some(turn),
            () = self.shutdown.cancelled() => None,
        }
    }

    /// Hands back what was not begun. The rebuild sets the consumer back and
    /// forgets what is in flight; but what it delivers between that and the
    /// gate's opening should not wait for its ack wait.
    async fn hand_back(&self, events: Vec<Delivery>, why: &str) {
        let again = events
            .into_iter()
            .map(|delivery| self.again(delivery, Duration::from_millis(100), why));
        join_all(again).await;
    }

    async fn again(&self, delivery: Delivery, after: Duration, why: &str) {
        if let Err(error) = delivery.nak(Some(after), why).await {
            let stream = self.subscription.stream();
            tracing::debug!(stream, %error, "an event comes again after its ack wait");
        }
    }

    async fn handle(&self, events: Vec<Delivery>, turn: Turn) {
        match <[Delivery; 1]>::try_from(events) {
            Ok([delivery]) => Box::pin(self.handle_one(delivery, turn)).await,
            Err(several) => Box::pin(self.handle_together(several)).await,
        }
    }

    /// Handles events in one transaction; should that fail, which tells nothing
    /// about any of them, each in its own.
    async fn handle_together(&self, several: Vec<Delivery>) {
        let envelopes: Vec<Bytes> = several
            .iter()
            .map(|delivery| delivery.record().payload.clone())
            .collect();
        if self.subscription.apply_together(&envelopes).await {
            let settled = several
                .into_iter()
                .map(|delivery| self.settle(delivery, Ok(())));
            join_all(settled).await;
        } else {
            let handled = several
                .into_iter()
                .map(|delivery| self.handle_one(delivery, Turn::free()));
            join_all(handled).await;
        }
    }

    async fn handle_one(&self, delivery: Delivery, turn: Turn) {
        if came_before(&delivery) {
            // Apart, since it is rare and every delivery would carry its size.
            return turn.take(Box::pin(self.handle_again(delivery))).await;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use covergen_events::{Config, ConsumerInfo, EventLog, Record, Subject};
    use covergen_ids::Clock;
    use covergen_proto::events::v1::Envelope;
    use covergen_store::{Store, StoreConfig};
    use prost::Message as _;
    use tokio::time::timeout;
    use uuid::Uuid;

    use super::*;
    use crate::attempts::Suspects;
    use crate::read_model::REBUILD;

    /// Longest wait for what must happen.
    const WITHIN: Duration = Duration::from_secs(30);

    async fn next(deliveries: &mut Deliveries) -> Delivery {
        let next = timeout(WITHIN, deliveries.next()).await;
        next.expect("it comes").expect("the log is open")
    }

    /// Events that came before, as many as are asked for.
    async fn suspects(log: &dyn EventLog, of: &Subscription, count: u32) -> Deliveries {
        log.declare_stream(of.stream()).await.unwrap();
        let mut deliveries = log.consume(&of.spec()).await.unwrap();
        let records = (0..count).map(|n| {
            let subject = Subject::new("cover", "CoverGenerated", &format!("cov_{n}"));
            let payload = Envelope::default().encode_to_vec();
            Record::new(Uuid::now_v7(), subject.unwrap(), payload)
        });
        log.publish(records.collect()).await.unwrap();
        let mut first = Vec::new();
        for _ in 0..count {
            first.push(next(&mut deliveries).await);
        }
        for delivery in first {
            delivery.nak(Some(Duration::ZERO), "again").await.unwrap();
        }
        deliveries
    }

    #[tokio::test]
    async fn suspects_at_a_shut_gate_go_back_and_leave_their_turn_to_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let at = |scheme, name| format!("{scheme}://{}/{name}.sqlite", folder.path().display());
        let config = StoreConfig::from_url(at("sqlite", "user"));
        let store = Store::open(&config, "user", Clock::system()).await.unwrap();
        store.migrate(Vec::new()).await.unwrap();
        let config = Config::from_url(at("embedded", "events"));
        let log: Arc<dyn EventLog> = covergen_events::open(&config).await.unwrap();
        let subscription = Subscription::new("cover", "user");
        let mut deliveries = suspects(log.as_ref(), &subscription, 2).await;

        let gate = Gate::new(store.clone(), "user-history");
        let handling = Handling {
            subscription: &subscription,
            gate: Some(&gate),
            attempts: &Attempts::new(store.clone(), Suspects::default()),
            shutdown: &CancellationToken::new(),
        };
        store
            .request_job(REBUILD, "user-history", "")
            .await
            .unwrap();
        for _ in 0..2 {
            let suspect = next(&mut deliveries).await;
            assert!(came_before(&suspect));
            let passed = timeout(WITHIN, handling.pass(vec![suspect])).await;
            assert_eq!(passed, Ok(false), "the gate is shut");
        }

        let job = store.take_job("me", 60_000).await.unwrap().unwrap();
        store.finish_job(&job.id, "me", Ok("")).await.unwrap();
        for _ in 0..2 {
            let again = next(&mut deliveries).await;
            let passed = timeout(WITHIN, handling.pass(vec![again])).await;
            assert_eq!(passed, Ok(true), "the gate is open");
        }
        let info = log.consumer_info("cover", "user").await.unwrap();
        let ConsumerInfo { pending, in_flight } = info;
        assert_eq!((pending, in_flight), (0, 0), "both were handled");
    }
}
