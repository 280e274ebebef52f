//! One suite for both engines: every behaviour runs in memory and on a real
//! Redis. What only one engine can show follows at the end.
#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps fails with the error it met"
)]

mod basics;
mod engine;
mod limits;
mod memory_only;
mod redis_only;
