//! Palettes, written in OKLCH.

use serde::Serialize;

use crate::Color;

/// The colours of a design.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Palette {
    /// Slug.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// The painter's colours, ground first.
    pub ground: Vec<Color>,
    /// The text's colour.
    pub ink: Color,
    /// The text's colour where the first does not read.
    pub reverse: Color,
    /// Rules and small words.
    pub accent: Color,
}

/// Lightness 0–1, chroma 0–0.4, hue in degrees.
pub(super) type Lch = (f32, f32, f32);

pub(super) fn palette(
    id: &'static str,
    name: &'static str,
    ground: &[Lch],
    [ink, reverse, accent]: [Lch; 3],
) -> Palette {
    let color = |(l, c, h): Lch| Color::oklch(l, c, h);
    Palette {
        id,
        name,
        ground: ground.iter().copied().map(color).collect(),
        ink: color(ink),
        reverse: color(reverse),
        accent: color(accent),
    }
}
