//! Picture files: probe, decode within limits, resize, encode.
//!
//! A [`Picture`] is straight-alpha RGBA, 8 bits a channel, row by row without
//! padding. Everything here is a pure function of its input: no files, no
//! network, no threads of its own.
//!
//! Invariants
//! - [`decode`] reads sizes from the header and refuses a file over the
//!   [`Limits`] before a decoder allocates a single pixel.
//! - Encoders are deterministic: the same picture and format give the same
//!   bytes.
//! - Bytes that come from outside never panic; they give an [`Error`].
//!
//! Modules in reading order: `picture`, `format`, `probe`, `decode`, `encode`,
//! `resize`, `colour`.

mod colour;
mod decode;
mod encode;
mod error;
mod format;
mod picture;
mod probe;
mod resize;

pub use colour::dominant_colour;
pub use decode::{Limits, decode};
pub use encode::encode;
pub use error::Error;
pub use format::{Chroma, Encoding, FileFormat, PngLevel};
pub use picture::{MAX_SIDE_PX, Picture};
pub use probe::{Probe, probe};
pub use resize::{Fit, resize, resize_to_fit};
