//! proto3 JSON, read and written by generated code.
//!
//! The generator writes one `read_…` and one `write_…` function per message;
//! they are thin sequences of calls into [`Reader`] and [`Writer`], which hold
//! everything that is the same for every message: syntax, bounds, field
//! lookup, error positions and projection.

mod error;
mod mask;
mod number;
mod reader;
mod shape;
mod text;
mod wire;
mod wkt;
mod writer;

pub use error::{JsonError, JsonErrorKind, Result};
pub use mask::Projection;
pub use reader::{Object, Reader};
pub use shape::{Enumeration, Field, Shape};
pub use wire::{Holds, Unusual, Wire, WireField, WireValue};
pub use wkt::{
    duration_from_text, duration_to_text, field_mask_from_text, field_mask_to_text,
    timestamp_from_text, timestamp_to_text,
};
pub use writer::Writer;

pub(crate) use text::decode_base64;

/// Nesting past this depth is refused. Protobuf decoders stop at 100 nested
/// messages, and one level of a google.protobuf.Struct takes three of them
/// (the structure, its entry, the value), so what passes here passes there.
pub const MAX_DEPTH: u16 = 32;
