//! The contracts in Rust: every message, service and rule of `proto/`.
//!
//! A package `covergen.cover.v1` is the module [`cover::v1`]; its messages are
//! prost's, with proto3 JSON by serde ([`json`]), their rules as [`Validate`],
//! and a `Debug` that hides what is sensitive. A service `CoverService` gives
//! a client, a trait for its handlers with the server around them, and two
//! functions beside them: `cover_service` to serve an implementation and
//! `cover_service_client` to call one.
//!
//! Invariants:
//! - A server's handler sees valid messages only ([`codec`]).
//! - Equal messages encode to equal bytes: maps are sorted.
//! - Everything here follows from the contracts; nothing generated is edited.
//!
//! In reading order: [`Method`] is what the contracts say about each RPC,
//! [`Validate`] and [`rules`] judge messages, [`codec`] applies them, [`grpc`]
//! is what clients and servers are made of,
//! [`json`] reads and writes JSON, [`wkt`] are Google's well-known types.

// Generated code names the runtime by the crate's name, so that the same code
// serves contracts compiled elsewhere.
extern crate self as covergen_proto;

pub mod codec;
pub mod json;
mod method;
pub mod rules;
mod status;
mod validate;
pub mod wkt;

pub use covergen_grpc as grpc;
pub use method::{Audiences, Idempotency, Method};
pub use status::{ERROR_DOMAIN, INVALID_REQUEST};
pub use validate::{Path, Validate, Violation, Violations};

include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
include!(concat!(env!("OUT_DIR"), "/methods.rs"));

/// Every contract as an encoded `google.protobuf.FileDescriptorSet` with its
/// imports and options, without comments: what gRPC reflection serves.
pub const FILE_DESCRIPTOR_SET: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.binpb"));

/// As [`FILE_DESCRIPTOR_SET`], with comments and positions: what generators of
/// code and documents read.
pub const DESCRIPTORS_WITH_SOURCE: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/descriptors_with_source.binpb"));
