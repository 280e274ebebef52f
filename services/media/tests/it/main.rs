//! The media service as its callers see it, on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod delete;
mod image;
mod leftovers;
mod put;
mod world;
