//! The safety service, run as it runs: on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod appeals;
mod check;
mod evasion;
mod images;
mod moderation;
mod privacy;
mod rules;
mod screen;
mod shadow;
mod stage;
