//! Unary gRPC calls as one message out and one back, on either side.
//!
//! The library reads and writes every message as a stream of them: with a
//! buffer of 8 KiB that grows, a state machine, and a body behind a pointer.
//! Most calls have one message each way, all of which is there at once. Here
//! such a message is one buffer of its size out, and what stood on the wire,
//! not copied, in. A request that is anything else is left to the library, so
//! that what it refuses and what it bears with stay the same.
//!
//! Generated clients and servers call this, and so does a BFF, which has
//! headers of its own to pass on.
//!
//! Invariants:
//! - A client offers no compression, and takes none.
//! - What is written is at most [`MAX_MESSAGE_BYTES`] long, and of what says
//!   that it is longer no more is read.
//! - An answer is well only with a status that says so.
//!
//! In reading order: [`framed`], [`post`] and [`Answer`], the [`Client`] around
//! them, [`unary`] which serves.

mod client;
mod frame;
mod played;
mod server;
mod status;

pub use client::{Answer, Client, post};
pub use frame::{PREFIX_BYTES, Prefix, framed, prefixed};
pub use server::{unary, unknown};
pub use status::{of_http, read_status, refusal, sanitize, with_headers};
/// Makes a function the handler of a method with streams.
pub use tower::service_fn;

/// Longest message, in bytes, that a service or client takes or sends. Larger
/// things travel as streams.
pub const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// Names that the protocol keeps to itself: no caller and no handler says them.
const RESERVED: [http::HeaderName; 5] = [
    http::HeaderName::from_static("te"),
    http::header::CONTENT_TYPE,
    http::HeaderName::from_static("grpc-message"),
    http::HeaderName::from_static("grpc-message-type"),
    tonic::Status::GRPC_STATUS,
];

/// Metadata as headers, with room for `more`.
fn headers_of(metadata: tonic::metadata::MetadataMap, more: usize) -> http::HeaderMap {
    let mut headers = metadata.into_headers();
    if !headers.is_empty() {
        for name in &RESERVED {
            headers.remove(name);
        }
    }
    headers.reserve(more);
    headers
}
