//! The export service as its callers see it, on both databases, with the real
//! queue and the real media service.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod batch;
mod doubles;
mod download;
mod erase;
mod failing;
mod file;
mod photo;
mod prepare;
mod restart;
mod world;
