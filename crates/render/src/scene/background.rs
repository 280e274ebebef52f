//! Painted grounds.

use serde::{Deserialize, Serialize};

use super::{Frame, Mask};
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
    /// Where it is painted; the whole cover when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<Frame>,
    /// What of its frame is seen; all of it when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<Mask>,
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
    /// Panes of coloured glass in lead. Colours: ground, then panes; the last is the
    /// lead.
    Glass,
    /// Mountains of ink wash on paper, and a sun. Colours: paper, ink, sun.
    Ink,
    /// Large shapes printed in few inks, one over the other. Colours: paper, then
    /// inks.
    Riso,
    /// Ridges in the haze before a low sun. Colours: upper sky, lower sky, sun, far
    /// ridge, near ridge.
    Vista,
    /// Light seen through ribbed glass. Colours: ground, then lights.
    Fluted,
    /// Stacked lines of a signal. Colours: ground, then lines.
    Pulse,
    /// Rays and dots around a point. Colours: ground, rays, dots.
    Burst,
    /// One flat colour.
    Plain,
}

impl Painter {
    /// Every painter.
    pub const ALL: [Self; 16] = [
        Self::Aurora,
        Self::Orbs,
        Self::Contour,
        Self::Swiss,
        Self::Papercut,
        Self::Retro,
        Self::Silk,
        Self::Halftone,
        Self::Glass,
        Self::Ink,
        Self::Riso,
        Self::Vista,
        Self::Fluted,
        Self::Pulse,
        Self::Burst,
        Self::Plain,
    ];

    /// Its slug, as in JSON.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Aurora => "aurora",
            Self::Orbs => "orbs",
            Self::Contour => "contour",
            Self::Swiss => "swiss",
            Self::Papercut => "papercut",
            Self::Retro => "retro",
            Self::Silk => "silk",
            Self::Halftone => "halftone",
            Self::Glass => "glass",
            Self::Ink => "ink",
            Self::Riso => "riso",
            Self::Vista => "vista",
            Self::Fluted => "fluted",
            Self::Pulse => "pulse",
            Self::Burst => "burst",
            Self::Plain => "plain",
        }
    }

    /// The painter with this slug.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|painter| painter.slug() == slug)
    }
}
