//! The template service, run as it runs: on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod brand_kits;
mod custom;
mod doubles;
mod files;
mod gallery;
mod listing;
mod popularity;
mod preview;
mod privacy;
mod publish;
mod rebuilding;
mod resolve;
mod stage;
mod thumbnail;
mod updating;
mod versions;
