//! Relational storage for every service: SQLite (one file per service) or
//! PostgreSQL (one database per service), with the same behaviour on both.
//!
//! Invariants:
//! - A change and the events and commands it causes commit together, or not
//!   at all; what is committed is sent at least once, in order per aggregate.
//! - A transaction in which a statement failed cannot be committed, on either
//!   engine: a success that was none is impossible.
//! - A mutation's reply is stored in the mutation's own transaction, by the
//!   current holder of its claim only.
//! - The database's clock judges leases and leads; on SQLite, where one process owns
//!   the file, monotonic time does, and a restart renews every term.
//! - Nothing is written of a person who has left by whoever asks first, and a
//!   mutation under an idempotency key always does.
//! - Readers cannot write: finders get a read-only connection.
//! - A standby is read from only where staleness was asked for, and within its
//!   bound.
//!
//! Modules in reading order: `config`, `error`, `store` (opening, over
//! `pool` and `presence`), `reader` and `standby`, `tx` (the one way to write), `migrate` and `schema`, `outbox` and
//! `relay`, `inbox`, `claim` and `idempotent`, `departed`, `seal`, `cursor`, then
//! `jobs` and `lead`, `maintain`, `backlog`, `digest` and `backup`.

mod backlog;
pub mod backup;
mod claim;
mod config;
mod context;
mod cursor;
mod departed;
mod digest;
mod error;
mod gate;
mod idempotent;
mod inbox;
mod jobs;
mod lead;
mod maintain;
mod migrate;
mod outbox;
mod pool;
mod presence;
mod reader;
mod refill;
mod relay;
mod schema;
mod seal;
mod sql;
mod standby;
mod store;
mod time;
mod tx;

pub use backlog::{Backlog, ParkedRow};
pub use claim::{Claim, ClaimScope, Claimed};
pub use config::StoreConfig;
pub use context::CallContext;
pub use cursor::{Cursor, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, Page, page_size};
pub use error::{Error, Violation};
pub use gate::{Gate, Permit};
pub use idempotent::{Fulfilled, Refusal};
pub use inbox::Advance;
pub use jobs::{Job, JobState};
pub use lead::Leading;
pub use maintain::Maintained;
pub use outbox::{
    CommandDraft, Envelope, EventDraft, MAX_PAYLOAD_BYTES, OutboxCommand, OutboxEvent,
};
pub use reader::Reader;
pub use refill::Sent;
pub use relay::{
    DispatchFailure, Dispatcher, Due, Hub, Outbox, Relay, RelayHandle, RelayOptions, Taker, Verdict,
};
pub use schema::own_migrations;
pub use seal::Sealer;
pub use store::Store;
pub use tx::Tx;

/// The result of every fallible call in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
