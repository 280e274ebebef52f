//! Sizes: the presets of the platforms, and custom ones.

use serde::{Deserialize, Serialize};

use crate::Error;

/// Shortest side of a cover, in pixels.
pub const MIN_SIDE_PX: u32 = 64;
/// Longest side of a cover, in pixels.
pub const MAX_SIDE_PX: u32 = 4096;

/// Width and height of a cover, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Size {
    /// A size within 64–4096 px a side.
    ///
    /// # Errors
    /// [`Error::SizeOutOfRange`].
    pub fn new(width: u32, height: u32) -> Result<Self, Error> {
        let fits = |side: u32| (MIN_SIDE_PX..=MAX_SIDE_PX).contains(&side);
        if fits(width) && fits(height) {
            Ok(Self { width, height })
        } else {
            Err(Error::SizeOutOfRange { width, height })
        }
    }
}

/// What a platform draws over a cover's edges, as shares of its sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SafeArea {
    /// Share of the width lost at the left.
    pub left: f32,
    /// Share of the height lost at the top.
    pub top: f32,
    /// Share of the width lost at the right.
    pub right: f32,
    /// Share of the height lost at the bottom.
    pub bottom: f32,
}

impl SafeArea {
    const NONE: Self = Self::new(0.0, 0.0, 0.0, 0.0);

    const fn new(left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Self {
            left,
            top,
            right,
            bottom,
        }
    }

    /// The area of the preset with exactly this size; for other sizes a guess
    /// from the shape: tall ones are shown as stories.
    #[must_use]
    pub fn of(size: Size) -> Self {
        Preset::ALL
            .iter()
            .find(|preset| preset.size == size)
            .map_or_else(
                || {
                    if size.height * 10 >= size.width * 17 {
                        STORY
                    } else {
                        Self::NONE
                    }
                },
                |preset| preset.safe_area,
            )
    }
}

/// Profile bar above, reply bar below.
const STORY: SafeArea = SafeArea::new(0.0, 0.12, 0.0, 0.16);

/// A named size that a platform asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preset {
    /// Its slug, such as `open_graph`.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Its size.
    pub size: Size,
    /// What the platform covers.
    pub safe_area: SafeArea,
}

const fn preset(
    id: &'static str,
    name: &'static str,
    width: u32,
    height: u32,
    safe_area: SafeArea,
) -> Preset {
    Preset {
        id,
        name,
        size: Size { width, height },
        safe_area,
    }
}

/// Slides of a feed hide a thin band on every side behind rounded corners.
const BAND: SafeArea = SafeArea::new(0.02, 0.02, 0.02, 0.02);

impl Preset {
    /// Every preset; the eight that every template is designed for come first.
    pub const ALL: [Self; 15] = [
        // The running time lies over the lower right corner.
        preset(
            "youtube",
            "YouTube thumbnail",
            1280,
            720,
            SafeArea::new(0.0, 0.0, 0.0, 0.06),
        ),
        preset("open_graph", "Link preview", 1200, 630, SafeArea::NONE),
        preset(
            "instagram_square",
            "Instagram square",
            1080,
            1080,
            SafeArea::NONE,
        ),
        preset(
            "instagram_portrait",
            "Instagram portrait",
            1080,
            1350,
            SafeArea::NONE,
        ),
        preset("story", "Story", 1080, 1920, STORY),
        preset("podcast", "Podcast cover", 3000, 3000, BAND),
        // Plays and length are printed along the lower edge.
        preset(
            "bilibili",
            "Bilibili cover",
            1146,
            717,
            SafeArea::new(0.0, 0.0, 0.0, 0.09),
        ),
        preset("xiaohongshu", "Xiaohongshu cover", 1242, 1660, BAND),
        preset("x", "X post", 1600, 900, SafeArea::NONE),
        preset("pinterest", "Pinterest pin", 1000, 1500, BAND),
        preset("linkedin", "LinkedIn post", 1200, 627, SafeArea::NONE),
        preset("spotify", "Spotify playlist", 640, 640, BAND),
        preset("book", "E-book cover", 1600, 2560, BAND),
        preset("wechat", "WeChat article", 900, 383, SafeArea::NONE),
        preset("thumbnail", "Thumbnail", 320, 180, SafeArea::NONE),
    ];

    /// The preset with this id.
    ///
    /// # Errors
    /// [`Error::UnknownPreset`].
    pub fn parse(id: &str) -> Result<&'static Self, Error> {
        static TABLE: [Preset; 15] = Preset::ALL;
        TABLE
            .iter()
            .find(|preset| preset.id == id)
            .ok_or_else(|| Error::UnknownPreset {
                name: id.chars().take(64).collect(),
            })
    }
}
