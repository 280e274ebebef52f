//! The export service as its callers see it, on both databases, with the real
//! queue and the real media service.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod doubles;
mod failing;
mod file;
mod prepare;
mod restart;
mod world;
