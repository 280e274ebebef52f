//! The template service, run as it runs: on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod gallery;
mod publish;
mod resolve;
mod stage;
mod thumbnail;
