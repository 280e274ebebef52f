use std::collections::BTreeMap;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::ConsumerSpec;

/// Names one consumer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) stream: String,
    pub(super) durable: String,
}

impl From<&ConsumerSpec> for Key {
    fn from(spec: &ConsumerSpec) -> Self {
        Self {
            stream: spec.stream.clone(),
            durable: spec.durable.clone(),
        }
    }
}

/// A message handed out and not settled.
///
/// The time it comes due is kept in memory only, on the monotonic clock: a
/// restart makes everything due at once, and no wall clock can expire a lease.
#[derive(Debug, Clone)]
pub(super) struct Flight {
    /// Deliveries so far.
    pub(super) count: u32,
    /// When it may be handed out again.
    pub(super) due: Instant,
    /// Why it was last handed back; empty when nobody said.
    pub(super) reason: String,
}

/// One consumer, as the writer knows it.
#[derive(Debug, Clone)]
pub(super) struct Consumer {
    pub(super) spec: ConsumerSpec,
    /// Sequence of the last message handed out for the first time.
    pub(super) cursor: i64,
    pub(super) in_flight: BTreeMap<i64, Flight>,
    /// Changes whenever a waiting claim should look again.
    pub(super) wake: watch::Sender<u64>,
}

impl Consumer {
    pub(super) fn new(spec: ConsumerSpec, cursor: i64) -> Self {
        Self {
            spec,
            cursor,
            in_flight: BTreeMap::new(),
            wake: watch::Sender::new(0),
        }
    }

    /// The oldest message whose time has come again.
    pub(super) fn next_due(&self, now: Instant) -> Option<(i64, Flight)> {
        self.in_flight
            .iter()
            .find(|(_, flight)| flight.due <= now)
            .map(|(sequence, flight)| (*sequence, flight.clone()))
    }

    /// When the next message in flight comes due.
    pub(super) fn wait_until(&self) -> Option<Instant> {
        self.in_flight.values().map(|flight| flight.due).min()
    }

    /// How many messages may be handed out for the first time now.
    pub(super) fn room(&self) -> u32 {
        let flying = u32::try_from(self.in_flight.len()).unwrap_or(u32::MAX);
        self.spec.max_in_flight.saturating_sub(flying)
    }

    pub(super) fn wake(&self) {
        self.wake.send_modify(|generation| *generation += 1);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn flight(due: Instant) -> Flight {
        Flight {
            count: 1,
            due,
            reason: String::new(),
        }
    }

    #[test]
    fn the_oldest_due_message_goes_first_and_a_later_one_is_not_held_up() {
        let now = Instant::now();
        let mut consumer = Consumer::new(ConsumerSpec::new("cover", "user"), 0);
        consumer
            .in_flight
            .insert(1, flight(now + Duration::from_secs(9)));
        consumer.in_flight.insert(2, flight(now));
        consumer.in_flight.insert(3, flight(now));
        assert_eq!(consumer.next_due(now).unwrap().0, 2);
        consumer.in_flight.remove(&2);
        consumer.in_flight.remove(&3);
        assert!(consumer.next_due(now).is_none());
        assert_eq!(consumer.wait_until(), Some(now + Duration::from_secs(9)));
    }

    #[test]
    fn messages_in_flight_use_up_the_room() {
        let mut spec = ConsumerSpec::new("cover", "user");
        spec.max_in_flight = 2;
        let mut consumer = Consumer::new(spec, 0);
        assert_eq!(consumer.room(), 2);
        for sequence in 1..=3 {
            consumer.in_flight.insert(sequence, flight(Instant::now()));
        }
        assert_eq!(consumer.room(), 0);
    }
}
