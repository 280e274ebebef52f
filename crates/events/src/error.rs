use uuid::Uuid;

/// What can go wrong with the event log.
///
/// Only [`Error::Unavailable`] and [`Error::Full`] are worth retrying with the
/// same input; everything else repeats until code or configuration changes.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A stream, consumer, topic, subject token or header breaks its grammar.
    #[error("{what} {name:?} is not valid: {why}")]
    InvalidName {
        /// Which kind of name it is.
        what: &'static str,
        /// The name as given.
        name: String,
        /// The rule it breaks.
        why: &'static str,
    },
    /// A record is larger than [`crate::MAX_RECORD_BYTES`].
    #[error("a record of {bytes} bytes exceeds the limit of {limit_bytes}")]
    TooLarge {
        /// Payload and headers together.
        bytes: usize,
        /// The limit.
        limit_bytes: usize,
    },
    /// The stream was never declared.
    #[error("stream {0:?} is not declared")]
    UnknownStream(String),
    /// The consumer was never declared.
    #[error("consumer {durable:?} of stream {stream:?} is not declared")]
    UnknownConsumer {
        /// The stream's name.
        stream: String,
        /// The consumer's durable name.
        durable: String,
    },
    /// The stream holds no dead letter under this sequence.
    #[error("stream {stream:?} has no dead letter {sequence}")]
    UnknownDeadLetter {
        /// The stream's name.
        stream: String,
        /// The sequence asked for.
        sequence: u64,
    },
    /// The server kept another configuration than the one asked for, so a
    /// promise of this crate would silently not hold.
    #[error("{what}: asked for {asked}, the server keeps {got}")]
    ConfigMismatch {
        /// The setting.
        what: String,
        /// The value asked for.
        asked: String,
        /// The value the server reports.
        got: String,
    },
    /// The server is older than the promises need.
    #[error("NATS server {got} is too old: {needed} or newer is needed")]
    ServerTooOld {
        /// The server's version.
        got: String,
        /// The oldest version that works.
        needed: &'static str,
    },
    /// The log's disk or its configured size is exhausted. Nothing was stored.
    #[error("the event log is full: {0}")]
    Full(String),
    /// The engine takes everything but this record, and never will take it.
    #[error("the event log refuses record {id}: {why}")]
    Refused {
        /// The record's id.
        id: Uuid,
        /// What the engine says.
        why: String,
    },
    /// The engine cannot be reached or did not answer in time. A publish may
    /// or may not have been stored; publish again with the same ids.
    #[error("the event log is unavailable: {0}")]
    Unavailable(String),
    /// The log was closed by this process.
    #[error("the event log is closed")]
    Closed,
    /// The configuration does not name a usable engine.
    #[error("events configuration: {0}")]
    Config(String),
    /// Something stored cannot be read back.
    #[error("the event log holds unreadable data: {0}")]
    Corrupt(String),
}
