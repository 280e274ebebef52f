//! Rules without I/O: operations, sizes, names.

use std::fmt;

use covergen_imaging::{FileFormat, Limits};

/// Longest asset, in bytes.
pub(crate) const MAX_ASSET_BYTES: usize = 32 * 1024 * 1024;
/// Longest side that is ever served resized, in pixels.
pub(crate) const MAX_OUTPUT_SIDE_PX: u32 = 4096;
/// Widths that an asset's answer offers, where they are smaller than it.
pub(crate) const VARIANT_WIDTHS_PX: [u32; 3] = [320, 640, 1280];
/// Widths that pictures for a screen come in: devices of like size share them.
pub(crate) const SCREEN_WIDTHS_PX: [u32; 9] = [96, 160, 240, 320, 480, 640, 960, 1280, 1920];
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

/// The room there is for a picture on a screen, as a caller tells it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// Width of the screen in CSS pixels; 0 means that of a common phone.
    pub(crate) width_px: i32,
    /// Device pixels to a CSS pixel; 0 means 2.
    pub(crate) pixel_ratio: f32,
    /// Pictures side by side; 0 means 1.
    pub(crate) columns: i32,
}

impl Room {
    const WIDTH_PX: f64 = 390.0;
    const PIXEL_RATIO: f64 = 2.0;

    /// The next step up from the device pixels that there are.
    pub(crate) fn step(self) -> u32 {
        let given = |value: f64, default: f64| if value > 0.0 { value } else { default };
        let width = given(f64::from(self.width_px), Self::WIDTH_PX);
        let ratio = given(f64::from(self.pixel_ratio), Self::PIXEL_RATIO);
        let wanted = width / f64::from(self.columns.max(1)) * ratio;
        let mut steps = SCREEN_WIDTHS_PX.into_iter();
        let last = SCREEN_WIDTHS_PX[SCREEN_WIDTHS_PX.len() - 1];
        // A third of 390 is no whole number; what rounding leaves is no step.
        steps
            .find(|step| f64::from(*step) + 0.5 >= wanted)
            .unwrap_or(last)
    }
}

/// What is done with a picture for a screen: a WebP of that width. Where the
/// picture is not wider it stays as large as it is, under one address.
pub(crate) fn for_screen(step: u32, width: u32, stored: FileFormat) -> Ops {
    let narrower = step < width;
    if !narrower && stored == FileFormat::WebP {
        return Ops::AsStored;
    }
    Ops::Transform(Transform {
        width: narrower.then_some(step),
        format: Some(FileFormat::WebP),
        ..Transform::default()
    })
}

impl Ops {
    /// The size that a picture of this size gets.
    pub(crate) fn size(&self, width: u32, height: u32) -> (u32, u32) {
        match self {
            Self::AsStored => (width, height),
            Self::Transform(transform) => transform.size(width, height),
        }
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

    use super::{Ops, Room, Transform, for_screen, shown_name};

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
    fn a_screens_room_is_rounded_up_to_a_step() {
        for (width_px, pixel_ratio, columns, step) in [
            (0, 0.0, 0, 960),
            (390, 1.0, 1, 480),
            (320, 1.0, 1, 320),
            (321, 1.0, 1, 480),
            (390, 3.0, 2, 640),
            (390, 2.625, 3, 480),
            (360, 2.0, 3, 240),
            (1, 1.0, 8, 96),
            (4096, 8.0, 1, 1920),
        ] {
            let room = Room {
                width_px,
                pixel_ratio,
                columns,
            };
            assert_eq!(room.step(), step, "{room:?}");
        }
    }

    #[test]
    fn a_picture_for_a_screen_has_one_address_for_each_size_it_can_have() {
        let ops = |step, stored| for_screen(step, 640, stored).to_string();
        assert_eq!(ops(320, FileFormat::Png), "w_320,f_webp");
        assert_eq!(ops(640, FileFormat::Png), "f_webp");
        assert_eq!(ops(1920, FileFormat::Png), "f_webp");
        assert_eq!(ops(1920, FileFormat::WebP), "o");
        assert_eq!(ops(320, FileFormat::WebP), "w_320,f_webp");
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
