use std::collections::BTreeMap;
use std::fmt::Debug;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    ConsumerInfo, ConsumerSpec, DeadLetter, Deliveries, Link, Live, Position, Published, Record,
    Result, Stored, StreamInfo, Tail,
};

/// A durable, ordered log of events with named consumers, and an unpersisted
/// fan-out beside it.
///
/// Every call checks its names and sizes first ([`crate::Error::InvalidName`],
/// [`crate::Error::TooLarge`]) and answers [`crate::Error::Unavailable`] when
/// the engine cannot be reached.
#[async_trait]
pub trait EventLog: Debug + Send + Sync {
    /// Makes sure that the stream of a domain exists as configured. Declaring
    /// again is harmless and brings an older configuration up to date.
    async fn declare_stream(&self, stream: &str) -> Result<()>;

    /// Whether the stream of a domain could be declared as configured; changes
    /// nothing. [`crate::Error::ConfigMismatch`] or
    /// [`crate::Error::ServerTooOld`] is for an operator to mend.
    async fn check_stream(&self, stream: &str) -> Result<()>;

    /// Makes sure that a consumer exists as specified. Declaring again keeps
    /// its position and brings its settings up to date.
    async fn declare_consumer(&self, spec: &ConsumerSpec) -> Result<()>;

    /// Stores records of declared streams, in order, and returns once all of
    /// them are on disk. On an error some may have been stored: publish the
    /// same records again.
    async fn publish(&self, records: Vec<Record>) -> Result<Vec<Published>>;

    /// Declares the consumer and starts handing out its messages.
    async fn consume(&self, spec: &ConsumerSpec) -> Result<Deliveries>;

    /// Sets a consumer back (or forward) to a position: everything from there
    /// is delivered again, its outstanding messages are forgotten. Streams of
    /// [`EventLog::consume`] that are already running go on from there. One that
    /// is known keeps its settings; those of the call are for one that is not.
    async fn rewind(&self, spec: &ConsumerSpec, to: Position) -> Result<()>;

    /// Forgets a consumer, its position and outstanding messages; its dead
    /// letters stay. `false` when there was none.
    async fn delete_consumer(&self, stream: &str, durable: &str) -> Result<bool>;

    /// Reads up to `limit` events (at most 1000) from a position, oldest
    /// first, without any consumer. An empty answer means the end was reached.
    async fn read(&self, stream: &str, from: Position, limit: usize) -> Result<Vec<Stored>>;

    /// Follows a stream from a position, without any consumer: every process
    /// that tails sees every event.
    async fn tail(&self, stream: &str, from: Position) -> Result<Tail>;

    /// What the stream holds.
    async fn stream_info(&self, stream: &str) -> Result<StreamInfo>;

    /// How far the consumer is.
    async fn consumer_info(&self, stream: &str, durable: &str) -> Result<ConsumerInfo>;

    /// Dead letters with a sequence above `after` (0 for the first page), at
    /// most `limit` (at most 1000), oldest first.
    async fn dead_letters(&self, stream: &str, after: u64, limit: usize)
    -> Result<Vec<DeadLetter>>;

    /// Hands a dead letter to its own consumer once more, with a fresh count,
    /// and removes it from the dead letters. Other consumers do not see it.
    async fn redrive(&self, stream: &str, sequence: u64) -> Result<()>;

    /// Removes a dead letter for good.
    async fn discard(&self, stream: &str, sequence: u64) -> Result<()>;

    /// Sends an unpersisted message to whoever listens now; nobody is fine. It
    /// waits for nobody: for a tenth of a second at most where the way is full.
    async fn broadcast(&self, topic: &str, message: Bytes) -> Result<()>;

    /// Listens to unpersisted messages of exactly this topic. A listener that
    /// falls more than 256 messages behind misses the oldest.
    async fn listen(&self, topic: &str) -> Result<Live>;

    /// Lets events older than the configured age go; returns how many. Of a
    /// stream that is in `archived`, nothing behind the sequence given there
    /// goes, however old. The embedded log needs this call now and then,
    /// JetStream does it by itself and by age alone.
    async fn expire(&self, archived: &BTreeMap<String, u64>) -> Result<u64>;

    /// Whether the engine can be reached, and each time that it can be again.
    fn link(&self) -> Link;

    /// Answers when the log can take events now.
    async fn ping(&self) -> Result<()>;

    /// Finishes what was begun and lets go of files and connections.
    async fn close(&self) -> Result<()>;
}
