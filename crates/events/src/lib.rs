//! The durable event log behind one trait, with two engines: an embedded log
//! in one SQLite file, and NATS JetStream.
//!
//! Invariants, the same for both engines:
//! - A publish that returned is on disk; publishing the same record id again
//!   is harmless (it is stored once while the engine still remembers the id).
//! - Delivery is at least once and in stream order per consumer, except that a
//!   message handed back (`nak`, lapsed ack wait) comes again after its delay
//!   without holding up the ones behind it.
//! - A handler sees a message at most [`ConsumerSpec::max_deliver`] times,
//!   unless it counts itself; then the message is parked among the stream's
//!   dead letters, never lost.
//! - Payloads are opaque bytes: nothing here knows an event's type.
//!
//! Modules in reading order: `config` (which engine, where), `record` and
//! `subject` (what is stored), `consumer` (how it is consumed), `delivery`
//! (what a handler holds), `link` (whether an engine is there), `log` (the
//! trait), then the engines.

mod config;
mod consumer;
mod delivery;
mod embedded;
mod error;
mod jetstream;
mod link;
mod live;
mod log;
mod reader;
mod record;
mod subject;

pub use config::{Config, open};
pub use consumer::{ConsumerInfo, ConsumerSpec, Position, StreamInfo};
pub use delivery::{DeadLetter, Deliveries, Delivery, Live, Settled, Stored, Tail};
pub use error::Error;
pub use link::Link;
pub use log::EventLog;
pub use reader::Reader;
pub use record::{MAX_RECORD_BYTES, Published, Record};
pub use subject::Subject;

/// The result of every fallible call in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
