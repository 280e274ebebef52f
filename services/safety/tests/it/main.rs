//! The safety service, run as it runs: on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod check;
mod evasion;
mod rules;
mod screen;
mod stage;
