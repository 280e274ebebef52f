//! A cache and a rate limiter behind one interface, with two engines: memory
//! of this process, and Redis (or Valkey).
//!
//! Invariants, the same for both engines:
//! - Everything has a time to live; nothing is stored without a bound.
//! - A cached value may be gone at any moment. Nothing is true because it is
//!   cached.
//! - An outage is a typed error ([`Error::is_outage`]) that comes within the
//!   command timeout, so that callers choose what it means: go on without
//!   ([`Cache::get_or_load`]), or refuse ([`OnOutage::Refuse`]).
//!
//! Modules in reading order: `config`, `cache` (what callers hold), `flight`
//! (one load at a time), `limiter` (rate limits), `gate` (how much at a time),
//! `engine` (the trait), then `memory` and `redis`.

mod cache;
mod config;
mod engine;
mod error;
mod flight;
mod gate;
mod limiter;
mod memory;
mod redis;

pub use cache::{Cache, MAX_KEY_BYTES, MAX_VALUE_BYTES};
pub use config::Config;
pub use error::Error;
pub use gate::{Gate, Permit};
pub use limiter::{Decision, OnOutage, RateLimiter, Window};

/// The result of every fallible call in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
