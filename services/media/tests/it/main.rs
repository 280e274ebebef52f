//! The media service as its callers see it, on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod archive;
mod delete;
mod erase;
mod export;
mod image;
mod leftovers;
mod list;
mod put;
mod remove;
mod resume;
mod room;
mod senders;
mod sizes;
mod tus;
mod upload;
mod world;
mod zips;
