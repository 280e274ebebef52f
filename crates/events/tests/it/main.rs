//! One suite for both engines: every behaviour runs on the embedded log and
//! on a real NATS server. What only one engine can show follows at the end.
#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps fails with the error it met"
)]

mod away;
mod broadcast;
mod consume;
mod crash;
mod dead_letters;
mod embedded_only;
mod engine;
mod foreign;
mod jetstream_only;
mod publish;
mod read;
