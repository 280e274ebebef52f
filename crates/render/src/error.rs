//! Every way in which a brief, a scene or a font is refused.

use std::path::PathBuf;

/// Why a cover could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The title is empty or only white space.
    #[error("the title is empty")]
    TitleEmpty,
    /// A text has more characters, as a reader counts them, than it may.
    #[error("the {field} has {graphemes} characters; the limit is {limit}")]
    TextTooLong {
        /// `title`, `subtitle`, `kicker` or `text`.
        field: &'static str,
        /// Extended grapheme clusters counted.
        graphemes: usize,
        /// The limit it broke.
        limit: usize,
    },
    /// A text has more bytes than it may.
    #[error("the {field} has {bytes} bytes; the limit is {limit_bytes}")]
    TextTooLarge {
        /// `title`, `subtitle`, `kicker` or `text`.
        field: &'static str,
        /// UTF-8 bytes counted.
        bytes: usize,
        /// The limit it broke.
        limit_bytes: usize,
    },
    /// A text contains a control character that cannot be drawn.
    #[error("the {field} contains the control character U+{code:04X}")]
    ControlCharacter {
        /// `title`, `subtitle`, `kicker` or `text`.
        field: &'static str,
        /// Its code point.
        code: u32,
    },
    /// A size outside 64–4096 px a side.
    #[error("{width}x{height} is outside 64..=4096 pixels a side")]
    SizeOutOfRange {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// No preset has this name.
    #[error("no preset is named `{name}`")]
    UnknownPreset {
        /// What was asked for.
        name: String,
    },
    /// No template has this id, or not in this version.
    #[error("no template is named `{id}`{}", version_note(*version))]
    UnknownTemplate {
        /// What was asked for.
        id: String,
        /// The version asked for, when one was.
        version: Option<u32>,
    },
    /// The template does not offer this palette.
    #[error("template `{template}` has no palette `{palette}`")]
    UnknownPalette {
        /// The template.
        template: String,
        /// What was asked for.
        palette: String,
    },
    /// No typeface has this id.
    #[error("no typeface is named `{id}`")]
    UnknownTypeface {
        /// What was asked for.
        id: String,
    },
    /// A choice of a brief is out of bounds.
    #[error("{field}: {reason}")]
    BadChoice {
        /// Which one, such as `colors` or `photo.focal_x`.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A custom template breaks one of its rules.
    #[error("{key}: {reason}")]
    BadDocument {
        /// The key at fault, such as `background`; `document` where it is not
        /// one key.
        key: &'static str,
        /// What is wrong there.
        reason: String,
    },
    /// A colour is not `#rrggbb` or `#rrggbbaa`.
    #[error("`{text}` is not a colour; write #rrggbb or #rrggbbaa")]
    BadColor {
        /// What was given.
        text: String,
    },
    /// A scene breaks one of its own rules.
    #[error("{path}: {reason}")]
    InvalidScene {
        /// Where, such as `layers[2].frame.width`.
        path: String,
        /// What is wrong there.
        reason: String,
    },
    /// A scene names a font that is not bundled.
    #[error("no font is named `{name}`")]
    UnknownFont {
        /// What the scene asked for.
        name: String,
    },
    /// A script needs a font file that is not there.
    #[error(
        "the text needs {needs}; font file {file} was not found in {}; run `cargo xtask fonts`",
        dir.display()
    )]
    FontMissing {
        /// What needs it, such as `Han glyphs`.
        needs: &'static str,
        /// The file's name.
        file: &'static str,
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// A font file is there but cannot be used.
    #[error("font file {} cannot be used: {reason}", path.display())]
    FontUnreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No font has a glyph for a character.
    #[error("no font has a glyph for `{cluster}` ({code_points})")]
    GlyphMissing {
        /// The character as written.
        cluster: String,
        /// Its code points, such as `U+1F9FF`.
        code_points: String,
    },
    /// The scene shows a picture that the caller did not supply.
    #[error("the scene shows picture `{name}`, which was not supplied")]
    PictureMissing {
        /// The name the scene uses.
        name: String,
    },
}

impl Error {
    pub(crate) fn scene(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::InvalidScene {
            path: path.into(),
            reason: reason.into(),
        }
    }

    /// Whether the caller's input is at fault, rather than the installation.
    #[must_use]
    pub fn is_input(&self) -> bool {
        !matches!(self, Self::FontMissing { .. } | Self::FontUnreadable { .. })
    }
}

fn version_note(version: Option<u32>) -> String {
    version.map_or_else(String::new, |version| format!(" in version {version}"))
}
