//! Picture files: probe, decode within limits, resize, encode.
//!
//! A [`Picture`] is straight-alpha RGBA in sRGB, 8 bits a channel, row by row
//! without padding. Everything here is a pure function of its input: no files, no
//! network, no threads of its own.
//!
//! Invariants
//! - [`decode`] reads sizes from the header and refuses a file over the
//!   [`Limits`] before a decoder allocates a single pixel.
//! - Encoders are deterministic: the same picture and format give the same
//!   bytes.
//! - Bytes that come from outside never panic; they give an [`Error`].
//! - What is read is upright and in sRGB, and no metadata is written.
//!
//! Modules in reading order: `picture`, `format`, `source` (what a file is),
//! `probe`, `jpeg` and `gif` (files walked without decoding), `exif`,
//! `profile`, `orient`, `decode`, `encode`, `resize`, `colour`, `thumbhash`.

mod colour;
mod decode;
mod encode;
mod error;
mod exif;
mod format;
mod gif;
mod jpeg;
mod orient;
mod picture;
mod probe;
mod profile;
mod resize;
mod source;
mod thumbhash;

pub use colour::dominant_colour;
pub use decode::{ColourModel, Limits, Source, decode, read};
pub use encode::encode;
pub use error::Error;
pub use exif::{Exif, Place};
pub use format::{Chroma, Encoding, FileFormat, PngLevel};
pub use picture::{MAX_SIDE_PX, Picture};
pub use probe::{Probe, probe};
pub use resize::{Fit, resize, resize_to_fit};
pub use source::SourceFormat;
pub use thumbhash::thumbhash;
