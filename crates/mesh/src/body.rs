//! Message bodies on their way through the layers.

mod buffered;
mod meter;
mod watched;

pub(crate) use buffered::{Collected, buffer, collect_unary};
pub(crate) use meter::MessageLimit;
pub(crate) use watched::{BodyWatch, OnCut, watch};

/// The largest message either way, and the most a body is buffered for replay.
///
/// Pass it to `max_decoding_message_size` and `max_encoding_message_size` of
/// generated servers and clients; the server stack enforces it besides.
pub const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// A gRPC message is preceded by one flag byte and a four-byte length.
pub(crate) const MESSAGE_PREFIX_BYTES: usize = 5;
