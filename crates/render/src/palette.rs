//! Palettes from elsewhere: from a picture's own colours, or from a mood.
//!
//! Both give colours for [`Brief::colors`](crate::Brief::colors), the ground
//! first, and both are deterministic.

mod extract;
mod mood;

use serde::{Deserialize, Serialize};

use crate::Color;

pub use extract::from_picture;
pub use mood::{from_mood, moods};

/// A palette that was found or made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtractedPalette {
    /// A short name for people, such as `Vivid`.
    pub name: String,
    /// Four to six opaque colours, the ground first.
    pub colors: Vec<Color>,
}
