//! The cover service with the services it calls, on both stores.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod bulk;
mod bulk_control;
mod changes;
mod erase;
mod generate;
mod history;
mod library;
mod look;
mod refuse;
mod suggest;
mod tasks;
mod watch;
mod world;
