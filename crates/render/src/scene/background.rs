//! Painted grounds.

use serde::{Deserialize, Serialize};

use super::Frame;
use crate::Color;

/// A ground painted from a seed and colours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Background {
    /// How it is painted.
    pub painter: Painter,
    /// Everything random in it follows from this number.
    pub seed: u64,
    /// Two to eight opaque colours. Each painter documents their roles; the
    /// first is always the ground.
    pub colors: Vec<Color>,
    /// Where text will stand: painters keep it calm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calm: Option<Frame>,
    /// Strength of the film grain, 0–1. Every painter dithers regardless.
    #[serde(default)]
    pub grain: f32,
}

/// The painters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Painter {
    /// Veils of light over a ground. Colours: ground, then lights.
    Aurora,
    /// Softly shaded spheres. Colours: ground, then spheres.
    Orbs,
    /// Height lines over tinted bands. Colours: ground, line, high ground.
    Contour,
    /// A constructed poster of circles, quarters and bars. Colours: paper, ink,
    /// then accents.
    Swiss,
    /// Sheets of cut paper with shadows. Colours: sky, then sheets from the
    /// farthest to the nearest.
    Papercut,
    /// A slatted sun over ridges. Colours: sky above, sky below, sun above, sun
    /// below, ridge.
    Retro,
    /// Folded satin. Colours: shadow, cloth, sheen.
    Silk,
    /// A poster of growing dots. Colours: paper, dots, second dots.
    Halftone,
    /// One flat colour.
    Plain,
}

impl Painter {
    /// Every painter.
    pub const ALL: [Self; 9] = [
        Self::Aurora,
        Self::Orbs,
        Self::Contour,
        Self::Swiss,
        Self::Papercut,
        Self::Retro,
        Self::Silk,
        Self::Halftone,
        Self::Plain,
    ];
}
