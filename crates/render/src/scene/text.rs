//! Texts and how they are set.

use serde::{Deserialize, Serialize};

use super::Fill;
use crate::Color;

/// A text, fitted by size within its bounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextItem {
    /// What it says; at most 4 KiB.
    pub text: String,
    /// What it is for.
    pub role: Role,
    /// Slug of the first font tried, such as `space-grotesk-bold`; characters
    /// that it lacks come from the fonts of their script.
    pub font: String,
    /// Weight of the fonts that stand in for other scripts.
    pub weight: Weight,
    /// Largest size, in pixels per em.
    pub max_size: f32,
    /// Smallest size before the text is cut with an ellipsis.
    pub min_size: f32,
    /// Most lines.
    pub max_lines: u32,
    /// Distance of baselines as a multiple of the size. Scripts that need more
    /// room get it.
    pub line_height: f32,
    /// Extra space between letters, in ems. Joined scripts ignore it.
    #[serde(default)]
    pub tracking: f32,
    /// Letter case.
    #[serde(default)]
    pub case: LetterCase,
    /// Direction of its lines.
    #[serde(default, skip_serializing_if = "Writing::is_horizontal")]
    pub writing: Writing,
    /// Colours to choose from: the first that reads on what is painted there
    /// is taken.
    pub colors: Vec<Color>,
    /// Fills the letters instead of the colour, where it reads; offsets run
    /// over the text's own box, from `[0, 0]` to `[1, 1]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill: Option<Fill>,
    /// A line around the letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outline: Option<Outline>,
    /// A shadow behind the letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Shadow>,
    /// A box of colour behind every line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highlight: Option<Highlight>,
    /// One box behind the whole text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate: Option<Plate>,
    /// Left out when the title would otherwise be cut.
    #[serde(default)]
    pub optional: bool,
    /// BCP 47 tag where the writer's language is known: picks the regional
    /// forms of Han characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The cover's title.
    Title,
    /// The line below it.
    Subtitle,
    /// A small word of the design.
    Label,
}

/// Weight of stand-in fonts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The heaviest.
    Display,
    /// For reading.
    Text,
}

/// Letter case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterCase {
    /// As written.
    #[default]
    AsWritten,
    /// Capitals, by Unicode's full case mapping.
    Upper,
}

/// Direction of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writing {
    /// From side to side.
    #[default]
    Horizontal,
    /// Downwards, columns from right to left, where the text is Han and kana
    /// alone; from side to side otherwise.
    Vertical,
}

impl Writing {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    fn is_horizontal(&self) -> bool {
        *self == Self::Horizontal
    }
}

/// A line around letters, drawn below their fill.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outline {
    /// Thickness outside the letter, in ems.
    pub width: f32,
    /// Colour.
    pub color: Color,
}

/// A soft shadow behind letters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shadow {
    /// Offset to the right, in ems.
    pub dx: f32,
    /// Offset downwards, in ems.
    pub dy: f32,
    /// Radius of the blur, in ems; 0 is hard.
    pub blur: f32,
    /// Colour with its opacity.
    pub color: Color,
}

/// A box behind every line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Highlight {
    /// Colour, opaque.
    pub color: Color,
    /// Room left and right of the letters, in ems.
    pub pad_x: f32,
    /// Room above and below the letters, in ems.
    pub pad_y: f32,
    /// Radius of the corners, in ems.
    pub radius: f32,
}

/// A box behind a whole text.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plate {
    /// Colour.
    pub color: Color,
    /// Room left and right of the text, in ems.
    pub pad_x: f32,
    /// Room above and below the text, in ems.
    pub pad_y: f32,
    /// Radius of the corners, in ems.
    pub radius: f32,
}
