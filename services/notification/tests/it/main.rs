//! The notification service as its callers and receivers see it, on both
//! databases and both event logs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod delivering;
mod failing;
mod leaving;
mod list;
mod peers;
mod push;
mod quota;
mod receiver;
mod replaying;
mod restart;
mod rights;
mod verdicts;
mod webhooks;
mod world;
