//! Type: shaping, fitting to a box, breaking into even lines, cutting with an
//! ellipsis.
//!
//! A text is shaped once, at [`REFERENCE_SIZE`]; shaping without hinting is
//! linear in the size, so fitting only breaks lines again and scales.

mod fit;
mod ink;
mod shape;
mod vertical;
mod words;

pub(crate) use fit::{Bounds, Fitted, fit};
pub(crate) use shape::{Shaper, Spec};
pub(crate) use vertical::is_vertical;

/// The size in pixels at which texts are shaped.
const REFERENCE_SIZE: f32 = 128.0;
