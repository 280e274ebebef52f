//! The cover service with the services it calls, on both stores.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod generate;
mod refuse;
mod watch;
mod world;
