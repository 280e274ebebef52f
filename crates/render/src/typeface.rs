//! Typefaces that a brief may choose for its title.

use crate::Error;

/// A typeface for titles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Typeface {
    /// Slug.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// The font of this typeface that titles are set in.
    pub(crate) face: &'static str,
    /// Letter-spacing that suits it at display sizes, in ems.
    pub(crate) tracking: f32,
    /// Distance of baselines that suits it, in ems.
    pub(crate) line_height: f32,
    /// Mean width of its letters, in ems: narrow ones may stand larger.
    pub(crate) width: f32,
}

const fn typeface(
    id: &'static str,
    name: &'static str,
    face: &'static str,
    [tracking, line_height, width]: [f32; 3],
) -> Typeface {
    Typeface {
        id,
        name,
        face,
        tracking,
        line_height,
        width,
    }
}

impl Typeface {
    /// Every typeface, in the order of a menu.
    pub const ALL: &'static [Self] = &[
        typeface("inter", "Inter", "inter-extrabold", [-0.036, 1.0, 0.59]),
        typeface(
            "space-grotesk",
            "Space Grotesk",
            "space-grotesk-bold",
            [-0.022, 1.02, 0.56],
        ),
        typeface(
            "bricolage",
            "Bricolage Grotesque",
            "bricolage-extrabold",
            [-0.018, 1.0, 0.54],
        ),
        typeface(
            "archivo-black",
            "Archivo Black",
            "archivo-black",
            [-0.012, 1.04, 0.63],
        ),
        typeface("anton", "Anton", "anton", [0.004, 1.08, 0.43]),
        typeface(
            "unbounded",
            "Unbounded",
            "unbounded-extrabold",
            [-0.012, 1.12, 0.76],
        ),
        typeface("syne", "Syne", "syne-extrabold", [-0.02, 1.04, 0.68]),
        typeface("bebas", "Bebas Neue", "bebas-neue", [0.012, 0.98, 0.4]),
        typeface(
            "jetbrains-mono",
            "JetBrains Mono",
            "jetbrains-mono-extrabold",
            [-0.03, 1.1, 0.6],
        ),
        typeface(
            "fraunces",
            "Fraunces",
            "fraunces-black",
            [-0.012, 1.04, 0.57],
        ),
        typeface(
            "playfair",
            "Playfair Display",
            "playfair-extrabold",
            [-0.008, 1.06, 0.53],
        ),
        typeface(
            "instrument-serif",
            "Instrument Serif",
            "instrument-serif",
            [-0.012, 0.98, 0.42],
        ),
        typeface(
            "dm-serif",
            "DM Serif Display",
            "dm-serif-display",
            [-0.012, 1.02, 0.5],
        ),
        typeface(
            "bodoni",
            "Bodoni Moda",
            "bodoni-extrabold",
            [-0.01, 1.04, 0.52],
        ),
        typeface("caprasimo", "Caprasimo", "caprasimo", [-0.01, 1.02, 0.6]),
    ];

    /// The typeface with this id.
    ///
    /// # Errors
    /// [`Error::UnknownTypeface`].
    pub fn parse(id: &str) -> Result<&'static Self, Error> {
        Self::ALL
            .iter()
            .find(|typeface| typeface.id == id)
            .ok_or_else(|| Error::UnknownTypeface {
                id: id.chars().take(64).collect(),
            })
    }

    /// The typeface a font belongs to, where titles may be set in it.
    pub(crate) fn of_face(face: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|typeface| typeface.face == face)
    }
}
