use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::subject::check_name;
use crate::{Error, Result};

/// A durable consumer as code: who reads which stream, and how failures are
/// paced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerSpec {
    /// The stream it reads, every subject of it.
    pub stream: String,
    /// Its name, unique within the stream. Processes that use the same name
    /// share the work.
    pub durable: String,
    /// How long a handler may hold a message before it is handed out again.
    pub ack_wait: Duration,
    /// Deliveries before the message is parked among the dead letters.
    pub max_deliver: u32,
    /// Whether the handler counts attempts and parks by itself, at its own
    /// bound. Deliveries count what was handed out, whether it was begun or
    /// not: of several messages at hand when a process dies, all count one.
    pub handler_counts: bool,
    /// Delay before each redelivery after a `nak`; the last one repeats.
    pub backoff: Vec<Duration>,
    /// Messages handed out and not settled, over all processes. 1 gives strict
    /// order: nothing overtakes a message that is being retried.
    pub max_in_flight: u32,
    /// Messages fetched ahead of the handler. 1 (the default) means a message
    /// that kills its process is alone in the blame; more is faster, and the
    /// ack wait must then cover the handling of the whole batch. See
    /// [`ConsumerSpec::handler_counts`].
    pub prefetch: u32,
    /// Where a consumer that does not exist yet begins.
    pub start: Position,
}

impl ConsumerSpec {
    /// A consumer from the first event, with 30 s ack wait, 5 deliveries,
    /// backoff of 0.1, 1, 5 and 30 s, and 64 messages in flight.
    pub fn new(stream: impl Into<String>, durable: impl Into<String>) -> Self {
        Self {
            stream: stream.into(),
            durable: durable.into(),
            ack_wait: Duration::from_secs(30),
            max_deliver: 5,
            handler_counts: false,
            backoff: [100, 1_000, 5_000, 30_000]
                .map(Duration::from_millis)
                .to_vec(),
            max_in_flight: 64,
            prefetch: 1,
            start: Position::Beginning,
        }
    }

    /// The delay before the delivery that follows delivery `count`.
    #[must_use]
    pub fn delay_after(&self, count: u32) -> Duration {
        let index = usize::try_from(count.saturating_sub(1)).unwrap_or(usize::MAX);
        let last = self.backoff.last().copied().unwrap_or_default();
        self.backoff.get(index).copied().unwrap_or(last)
    }

    pub(crate) fn check(&self) -> Result<()> {
        check_name("stream", &self.stream)?;
        check_name("consumer", &self.durable)?;
        let sound = self.ack_wait >= Duration::from_millis(10)
            && (1..=1_000).contains(&self.max_deliver)
            && (1..=10_000).contains(&self.max_in_flight)
            && (1..=1_000).contains(&self.prefetch);
        if sound {
            return Ok(());
        }
        Err(Error::Config(format!(
            "consumer {:?}: ack_wait is at least 10 ms, max_deliver 1 to 1000, \
             max_in_flight 1 to 10000, prefetch 1 to 1000",
            self.durable
        )))
    }
}

/// A place in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Position {
    /// The oldest event still kept.
    Beginning,
    /// This sequence, or the next one that exists.
    Sequence(u64),
    /// The first event published at or after this time.
    Time(OffsetDateTime),
    /// Only what is published from now on.
    End,
}

/// What a stream holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamInfo {
    /// Events kept.
    pub messages: u64,
    /// Sequence of the oldest event kept; 0 when there is none.
    pub first_sequence: u64,
    /// Sequence of the newest event ever stored; 0 when there was none.
    pub last_sequence: u64,
    /// Dead letters over all consumers.
    pub dead_letters: u64,
}

/// How far a consumer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsumerInfo {
    /// Events not yet handed out for the first time.
    pub pending: u64,
    /// Events handed out and not settled.
    pub in_flight: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_backoff_repeats_and_none_means_at_once() {
        let mut spec = ConsumerSpec::new("cover", "user");
        assert_eq!(spec.delay_after(1), Duration::from_millis(100));
        assert_eq!(spec.delay_after(4), Duration::from_secs(30));
        assert_eq!(spec.delay_after(9), Duration::from_secs(30));
        spec.backoff.clear();
        assert_eq!(spec.delay_after(1), Duration::ZERO);
    }

    #[test]
    fn an_unbounded_consumer_is_refused() {
        let mut spec = ConsumerSpec::new("cover", "user");
        assert!(spec.check().is_ok());
        spec.max_deliver = 0;
        assert!(spec.check().is_err());
    }
}
