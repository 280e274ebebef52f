//! Unary gRPC calls as one message out and one back, on either side.
//!
//! The library reads and writes every message as a stream of them: with a
//! buffer of 8 KiB that grows, a state machine, and a body behind a pointer.
//! Most calls have one message each way, all of which is there at once. Here
//! such a message is one buffer of its size out, and what stood on the wire,
//! not copied, in. What is not like that is left to the library, so that the
//! protocol is the same: compressed requests, and whatever no client sends
//! that is well.
//!
//! Generated clients and servers call this, and so does a BFF, which has
//! headers of its own to pass on.
//!
//! Invariants:
//! - A client offers no compression, and takes none.
//! - A message is at most [`MAX_MESSAGE_BYTES`] long, and no more than that is
//!   read of one that says it is longer.
//! - An answer is well only with a status that says so.
//!
//! In reading order: [`framed`], [`post`] and [`Answer`], the [`Client`] around
//! them, [`unary`] which serves.

mod client;
mod frame;
mod server;
mod status;

pub use client::{Answer, Client, post};
pub use frame::framed;
pub use server::{unary, unknown};
pub use status::{of_http, refusal};
/// A handler of a method with streams, as the library calls one.
pub use tower::service_fn as handler;

/// Longest message, in bytes, that a service or client takes or sends. Larger
/// things travel as streams.
pub const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;
