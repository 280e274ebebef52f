//! Rules without I/O: operations, sizes, names.

use std::fmt;

use covergen_imaging::{FileFormat, Limits};

/// Longest asset, in bytes.
pub(crate) const MAX_ASSET_BYTES: usize = 32 * 1024 * 1024;
/// Longest side that is ever served resized, in pixels.
pub(crate) const MAX_OUTPUT_SIDE_PX: u32 = 4096;
/// Widths that an asset's answer offers, where they are smaller than it.
pub(crate) const VARIANT_WIDTHS_PX: [u32; 3] = [320, 640, 1280];
/// Quality of a JPEG or WebP whose address names none.
pub(crate) const DEFAULT_QUALITY: u8 = 85;

/// What an upload may be. A cover has at most 4096 × 4096 pixels.
pub(crate) const LIMITS: Limits = Limits {
    max_bytes: MAX_ASSET_BYTES,
    max_side_px: 8192,
    max_pixels: 20_000_000,
    max_frames: 64,
};

/// Longest file name that is shown, in characters.
const MAX_NAME_CHARS: usize = 120;

/// A person's file name as it is shown in lists: without folders, without
/// characters that hide or turn around what they stand by, not too long.
pub(crate) fn shown_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .take(MAX_NAME_CHARS)
        .collect();
    let shown = shown.trim();
    if shown.is_empty() || shown.chars().all(|c| c == '.') {
        "picture".to_owned()
    } else {
        shown.to_owned()
    }
}

/// Marks of direction and width that have no place in a file name.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// The file name extension of a format, in names and addresses.
pub(crate) fn extension(format: FileFormat) -> &'static str {
    format.extension()
}

/// The format of a media type.
pub(crate) fn format_of(content_type: &str) -> Option<FileFormat> {
    [FileFormat::Png, FileFormat::Jpeg, FileFormat::WebP]
        .into_iter()
        .find(|format| format.media_type() == content_type)
}

/// What an address asks to be done with an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ops {
    /// The stored file as it is.
    AsStored,
    /// Another picture made of it.
    Transform(Transform),
}

/// Bounds and format of a picture made of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Transform {
    /// At most this wide.
    pub(crate) width: Option<u32>,
    /// At most this high.
    pub(crate) height: Option<u32>,
    /// Format; as stored without one.
    pub(crate) format: Option<FileFormat>,
    /// 1–100, where the format has qualities.
    pub(crate) quality: Option<u8>,
}

impl Ops {
    /// Reads operations in their one spelling: each at most once, in the order
    /// width, height, format, quality, numbers without leading zeros. Anything
    /// else is `None`, so that no two addresses mean the same picture.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "o" {
            return Some(Self::AsStored);
        }
        let mut transform = Transform::default();
        for part in text.split(',') {
            let (name, value) = part.split_once('_')?;
            let side = || {
                let side: u32 = value.parse().ok()?;
                (1..=MAX_OUTPUT_SIDE_PX).contains(&side).then_some(side)
            };
            match name {
                "w" => transform.width = Some(side()?),
                "h" => transform.height = Some(side()?),
                "f" => transform.format = Some(format_named(value)?),
                "q" => {
                    let quality = value.parse().ok()?;
                    transform.quality = Some((1..=100).contains(&quality).then_some(quality)?);
                }
                _ => return None,
            }
        }
        let ops = Self::Transform(transform);
        (ops.to_string() == text).then_some(ops)
    }

    /// The format that comes out.
    pub(crate) fn output(&self, stored: FileFormat) -> FileFormat {
        match self {
            Self::AsStored => stored,
            Self::Transform(transform) => transform.format.unwrap_or(stored),
        }
    }
}

impl fmt::Display for Ops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Transform(transform) = self else {
            return f.write_str("o");
        };
        let parts: Vec<String> = [
            transform.width.map(|px| format!("w_{px}")),
            transform.height.map(|px| format!("h_{px}")),
            transform.format.map(|format| format!("f_{}", name(format))),
            transform.quality.map(|quality| format!("q_{quality}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        f.write_str(&parts.join(","))
    }
}

impl Transform {
    /// The size a picture gets: within the bounds, in its own proportions,
    /// never larger than it is.
    pub(crate) fn size(&self, width: u32, height: u32) -> (u32, u32) {
        let share = |bound: Option<u32>, side: u32| {
            f64::from(bound.unwrap_or(MAX_OUTPUT_SIDE_PX)) / f64::from(side.max(1))
        };
        let scale = share(self.width, width)
            .min(share(self.height, height))
            .min(1.0);
        // Not larger than the side itself and not below one pixel, so it fits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
        (scaled(width), scaled(height))
    }
}

fn name(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Png => "png",
        FileFormat::Jpeg => "jpeg",
        FileFormat::WebP => "webp",
    }
}

fn format_named(text: &str) -> Option<FileFormat> {
    [FileFormat::Png, FileFormat::Jpeg, FileFormat::WebP]
        .into_iter()
        .find(|format| name(*format) == text)
}

#[cfg(test)]
mod tests {
    use covergen_imaging::FileFormat;

    use super::{Ops, Transform, shown_name};

    #[test]
    fn a_name_is_shown_without_folders_and_tricks() {
        for (given, shown) in [
            ("beach.jpg", "beach.jpg"),
            ("../../etc/passwd", "passwd"),
            ("C:\\photos\\海边.jpg", "海边.jpg"),
            ("gpj\u{202E}.exe\0\n", "gpj.exe"),
            ("  ", "picture"),
            ("..", "picture"),
            ("", "picture"),
        ] {
            assert_eq!(shown_name(given), shown);
        }
        assert_eq!(shown_name(&"é".repeat(500)).chars().count(), 120);
    }

    #[test]
    fn operations_have_one_spelling() {
        for good in [
            "o",
            "w_320",
            "w_640,f_webp",
            "w_1,h_4096,f_jpeg,q_100",
            "q_1",
        ] {
            assert_eq!(
                Ops::parse(good).map(|ops| ops.to_string()).as_deref(),
                Some(good)
            );
        }
        for bad in [
            "",
            "O",
            "o,w_1",
            "w_0",
            "w_4097",
            "w_064",
            "w_+64",
            "w_64,w_64",
            "h_1,w_1",
            "f_gif",
            "f_jpg",
            "q_0",
            "q_101",
            "w_64,",
            ",w_64",
            "w_-1",
            "w_99999999999",
            "w_64 ",
            "x_1",
        ] {
            assert_eq!(Ops::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_picture_is_made_smaller_in_proportion_and_never_larger() {
        let within = |width, height| Transform {
            width,
            height,
            ..Transform::default()
        };
        assert_eq!(within(Some(640), None).size(1280, 720), (640, 360));
        assert_eq!(within(Some(640), Some(90)).size(1280, 720), (160, 90));
        assert_eq!(within(Some(4096), None).size(1280, 720), (1280, 720));
        assert_eq!(within(None, None).size(8000, 2000), (4096, 1024));
        assert_eq!(within(Some(1), None).size(8000, 10), (1, 1));
    }

    #[test]
    fn what_comes_out_is_what_is_stored_unless_a_format_is_named() {
        let output = |text| Ops::parse(text).unwrap().output(FileFormat::Png);
        assert_eq!(output("o"), FileFormat::Png);
        assert_eq!(output("w_64"), FileFormat::Png);
        assert_eq!(output("w_64,f_jpeg"), FileFormat::Jpeg);
    }
}
