use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use time::OffsetDateTime;

use crate::{Record, Result};

/// Deliveries of one consumer, without end while the log is open. Trouble
/// with the engine is logged and waited out, never yielded.
pub type Deliveries = BoxStream<'static, Delivery>;

/// Events of one stream as they are published, outside any consumer.
pub type Tail = BoxStream<'static, Result<Stored>>;

/// Unpersisted messages of one topic, without end while the log is open.
pub type Live = BoxStream<'static, Bytes>;

/// An event with its place in the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The event.
    pub record: Record,
    /// Its place in the stream.
    pub sequence: u64,
    /// When the log stored it, by the log's clock.
    pub published_at: OffsetDateTime,
}

/// An event that a consumer could not handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its place among the dead letters of the stream.
    pub sequence: u64,
    /// The consumer that gave up.
    pub durable: String,
    /// The event.
    pub record: Record,
    /// How often it was handed out.
    pub delivery_count: u32,
    /// Why it was parked, in the words of the last failure.
    pub reason: String,
    /// When it was parked.
    pub parked_at: OffsetDateTime,
}

/// What became of a message that was handed back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It will be delivered again.
    Retried,
    /// It stands among the dead letters.
    Parked,
}

/// One message in a handler's hands. Dropping it unsettled means that it
/// comes again after the ack wait.
pub struct Delivery {
    /// The event and its place.
    pub stored: Stored,
    /// 1 for the first delivery to this consumer. A handler that counts
    /// attempts may put its own count here, for the dead letter.
    pub delivery_count: u32,
    pub(crate) settle: Box<dyn Settle>,
}

impl Delivery {
    /// The event.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.stored.record
    }

    /// Settles the message. Call it after the effect has been committed.
    ///
    /// # Errors
    /// Any engine error; the message may then come again, and the inbox must
    /// recognise it.
    pub async fn ack(self) -> Result<()> {
        self.settle.ack().await
    }

    /// Hands the message back after a failure that may pass: it comes again
    /// after `delay`, or after the consumer's backoff when `None`; once its
    /// deliveries are used up it is parked with `reason`, unless the handler
    /// counts ([`crate::ConsumerSpec::handler_counts`]).
    ///
    /// # Errors
    /// Any engine error; the message then comes again after the ack wait.
    pub async fn nak(self, delay: Option<Duration>, reason: &str) -> Result<Settled> {
        self.settle
            .nak(&self.stored, self.delivery_count, delay, &bounded(reason))
            .await
    }

    /// Parks the message at once: a failure that no retry can mend.
    ///
    /// # Errors
    /// Any engine error; the message then comes again after the ack wait.
    pub async fn park(self, reason: &str) -> Result<()> {
        self.settle
            .park(&self.stored, self.delivery_count, &bounded(reason))
            .await
    }

    /// Starts the ack wait anew, for work that takes longer.
    ///
    /// # Errors
    /// Any engine error.
    pub async fn extend(&self) -> Result<()> {
        self.settle.extend().await
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("stored", &self.stored)
            .field("delivery_count", &self.delivery_count)
            .finish_non_exhaustive()
    }
}

/// An engine's side of a delivery.
#[async_trait]
pub(crate) trait Settle: Send + Sync {
    async fn ack(&self) -> Result<()>;
    async fn nak(
        &self,
        stored: &Stored,
        count: u32,
        delay: Option<Duration>,
        reason: &str,
    ) -> Result<Settled>;
    async fn park(&self, stored: &Stored, count: u32, reason: &str) -> Result<()>;
    async fn extend(&self) -> Result<()>;
}

/// A reason fit for a header: one line of printable ASCII, at most 512 bytes.
fn bounded(reason: &str) -> String {
    reason
        .chars()
        .map(|c| if (' '..='~').contains(&c) { c } else { ' ' })
        .take(512)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::bounded;

    #[test]
    fn a_reason_is_one_bounded_printable_line() {
        assert_eq!(bounded(" a\r\nb\u{7f} "), "a  b");
        assert_eq!(bounded(&"é".repeat(600)), "");
        assert_eq!(bounded(&"x".repeat(600)).len(), 512);
    }
}
