//! The brief: what a creator asks for.

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use crate::{Color, Error, Size, Typeface};

/// Most characters of a title, counted as a reader counts them.
pub const MAX_TITLE_GRAPHEMES: usize = 120;
/// Most characters of a subtitle.
pub const MAX_SUBTITLE_GRAPHEMES: usize = 240;
/// Most characters of the line above the title.
pub const MAX_KICKER_GRAPHEMES: usize = 40;
/// Most bytes of any one text.
pub const MAX_TEXT_BYTES: usize = 4096;

/// What a creator asks of a template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brief {
    /// 1–120 characters, at most 4 KiB.
    pub title: String,
    /// At most 240 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// A palette of the template; its default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub palette: Option<String>,
    /// Another seed, another variant.
    pub seed: u64,
    /// Size of the cover.
    pub size: Size,
    /// Whether to put the mark of the free tier on it.
    pub watermark: bool,
    /// BCP 47 tag of the writer's language, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Two to six opaque colours, the ground first. They stand in for the
    /// palette; the text's colour follows from them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colors: Option<Vec<Color>>,
    /// Id of the [`Typeface`] of the title; the template's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub font: Option<String>,
    /// A photo: in the template's slot for one, or in place of the painted
    /// ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<Photo>,
    /// Name of a picture set small in a corner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// A short line above the title, at most 40 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kicker: Option<String>,
}

/// A photo of a brief.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Photo {
    /// Name under which the pixels are handed in.
    pub picture: String,
    /// The point that stays in view, as a share of the width, 0–1.
    pub focal_x: f32,
    /// The point that stays in view, as a share of the height, 0–1.
    pub focal_y: f32,
    /// How it is printed.
    pub treatment: PhotoTreatment,
}

impl Photo {
    /// A photo in its own colours, cut around its middle.
    #[must_use]
    pub fn new(picture: impl Into<String>) -> Self {
        Self {
            picture: picture.into(),
            focal_x: 0.5,
            focal_y: 0.5,
            treatment: PhotoTreatment::Natural,
        }
    }
}

/// How a photo is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotoTreatment {
    /// In its own colours.
    #[default]
    Natural,
    /// In the colours of the palette.
    Duotone,
}

/// Fewest and most colours that a brief may choose.
pub(crate) const COLORS: std::ops::RangeInclusive<usize> = 2..=6;

impl Brief {
    /// A brief with a title and a size, and nothing else chosen.
    #[must_use]
    pub fn new(title: impl Into<String>, size: Size) -> Self {
        Self {
            title: title.into(),
            subtitle: None,
            palette: None,
            seed: 0,
            size,
            watermark: false,
            language: None,
            colors: None,
            font: None,
            photo: None,
            logo: None,
            kicker: None,
        }
    }

    /// Checks lengths, characters and choices.
    ///
    /// # Errors
    /// [`Error::TitleEmpty`], [`Error::TextTooLong`], [`Error::TextTooLarge`],
    /// [`Error::ControlCharacter`], [`Error::SizeOutOfRange`],
    /// [`Error::UnknownTypeface`], [`Error::BadChoice`].
    pub fn validate(&self) -> Result<(), Error> {
        Size::new(self.size.width, self.size.height)?;
        check_text("title", &self.title, MAX_TITLE_GRAPHEMES)?;
        if !self.title.chars().any(is_visible) {
            return Err(Error::TitleEmpty);
        }
        if let Some(subtitle) = &self.subtitle {
            check_text("subtitle", subtitle, MAX_SUBTITLE_GRAPHEMES)?;
        }
        if let Some(kicker) = &self.kicker {
            check_text("kicker", kicker, MAX_KICKER_GRAPHEMES)?;
        }
        if let Some(font) = &self.font {
            Typeface::parse(font)?;
        }
        if let Some(colors) = &self.colors {
            check_colors(colors).map_err(|reason| Error::BadChoice {
                field: "colors",
                reason,
            })?;
        }
        if let Some(photo) = &self.photo {
            check_name("photo.picture", &photo.picture)?;
            check_share("photo.focal_x", photo.focal_x)?;
            check_share("photo.focal_y", photo.focal_y)?;
        }
        if let Some(logo) = &self.logo {
            check_name("logo", logo)?;
        }
        Ok(())
    }

    /// Names of the pictures that a render of this brief must be given.
    #[must_use]
    pub fn picture_names(&self) -> Vec<&str> {
        let photo = self.photo.as_ref().map(|photo| photo.picture.as_str());
        photo.into_iter().chain(self.logo.as_deref()).collect()
    }
}

/// Checks free colours: how many, and that nothing shines through them.
pub(crate) fn check_colors(colors: &[Color]) -> Result<(), String> {
    if !COLORS.contains(&colors.len()) {
        return Err(format!("needs 2 to 6 colours, not {}", colors.len()));
    }
    match colors.iter().find(|color| color.a != 255) {
        Some(color) => Err(format!("{color} is not opaque")),
        None => Ok(()),
    }
}

fn check_name(field: &'static str, name: &str) -> Result<(), Error> {
    if (1..=128).contains(&name.len()) {
        return Ok(());
    }
    Err(Error::BadChoice {
        field,
        reason: "needs 1 to 128 bytes".to_owned(),
    })
}

fn check_share(field: &'static str, value: f32) -> Result<(), Error> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(Error::BadChoice {
        field,
        reason: format!("{value} is outside 0..=1"),
    })
}

/// Checks one text against the limits.
pub(crate) fn check_text(field: &'static str, text: &str, limit: usize) -> Result<(), Error> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(Error::TextTooLarge {
            field,
            bytes: text.len(),
            limit_bytes: MAX_TEXT_BYTES,
        });
    }
    let banned = |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if let Some(control) = text.chars().find(banned) {
        return Err(Error::ControlCharacter {
            field,
            code: u32::from(control),
        });
    }
    let graphemes = text.graphemes(true).count();
    if graphemes > limit {
        return Err(Error::TextTooLong {
            field,
            graphemes,
            limit,
        });
    }
    Ok(())
}

/// Joins runs of white space, keeps the writer's own line breaks, and trims
/// both ends. Joiners and direction marks stay.
pub(crate) fn tidy(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.split(['\n', '\r', '\u{2028}', '\u{2029}']) {
        let words: Vec<&str> = line
            .split(|c: char| c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}'))
            .filter(|word| !word.is_empty())
            .collect();
        if !words.is_empty() {
            lines.push(words.join(" "));
        }
    }
    lines.join("\n")
}

/// Whether a character can leave a mark: not a space, and none of Unicode's
/// Default_Ignorable_Code_Points (`DerivedCoreProperties.txt`), such as
/// zero-width joiners and variation selectors.
fn is_visible(character: char) -> bool {
    let ignorable = matches!(
        u32::from(character),
        0xAD | 0x34F
            | 0x61C
            | 0x115F..=0x1160
            | 0x17B4..=0x17B5
            | 0x180B..=0x180F
            | 0x200B..=0x200F
            | 0x202A..=0x202E
            | 0x2060..=0x206F
            | 0x3164
            | 0xFE00..=0xFE0F
            | 0xFEFF
            | 0xFFA0
            | 0xFFF0..=0xFFF8
            | 0x1BCA0..=0x1BCA3
            | 0x1D173..=0x1D17A
            | 0xE0000..=0xE0FFF
    );
    !ignorable && !character.is_whitespace() && !character.is_control()
}
