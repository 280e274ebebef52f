//! What somebody asks for, checked.

use covergen_imaging::FileFormat;
use covergen_proto::export::v1::compression::Mode;
use covergen_proto::export::v1::{BatchItem, PrepareRequest};
use covergen_render::{Preset, Size};

use super::Platform;

/// Quality of a JPEG or WebP that asks for none and has no bound.
const DEFAULT_QUALITY: u8 = 85;
/// And of one that is to be small.
const SMALL_QUALITY: u8 = 80;
/// What the search for the best quality under a bound begins with.
const BEST_QUALITY: u8 = 100;

/// What a file may lose to be smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    /// Each format's own.
    Usual,
    /// No pixel changes.
    Lossless,
    /// What is not seen.
    Small,
}

impl Compression {
    /// As a row keeps it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Usual => "",
            Self::Lossless => "LOSSLESS",
            Self::Small => "SMALL",
        }
    }

    pub(crate) fn named(name: &str) -> Self {
        match name {
            "LOSSLESS" => Self::Lossless,
            "SMALL" => Self::Small,
            _ => Self::Usual,
        }
    }

    fn of(mode: Mode) -> Self {
        match mode {
            Mode::Unspecified => Self::Usual,
            Mode::Lossless => Self::Lossless,
            Mode::Small => Self::Small,
        }
    }
}

/// One file as a request describes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    preset: &'a str,
    width: i32,
    height: i32,
    format: &'a str,
    quality: i32,
    max_bytes: i32,
    compression: Mode,
    fit_preset: bool,
}

impl<'a> From<&'a PrepareRequest> for Ask<'a> {
    fn from(request: &'a PrepareRequest) -> Self {
        Self {
            preset: &request.preset,
            width: request.width,
            height: request.height,
            format: &request.format,
            quality: request.quality,
            max_bytes: request.max_bytes,
            compression: request.compression(),
            fit_preset: request.fit_preset,
        }
    }
}

impl<'a> From<&'a BatchItem> for Ask<'a> {
    fn from(item: &'a BatchItem) -> Self {
        Self {
            preset: &item.preset,
            width: item.width,
            height: item.height,
            format: &item.format,
            quality: item.quality,
            max_bytes: item.max_bytes,
            compression: item.compression(),
            fit_preset: item.fit_preset,
        }
    }
}

/// The file that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Empty for a size of its own.
    pub(crate) preset: String,
    pub(crate) size: Size,
    pub(crate) format: FileFormat,
    /// 1–100; with a bound in bytes the highest that is tried.
    pub(crate) quality: u8,
    /// Longest file in bytes.
    pub(crate) max_bytes: Option<usize>,
    pub(crate) compression: Compression,
}

impl Wanted {
    /// Reads a request, or lists everything that is wrong with it.
    pub(crate) fn of(ask: Ask<'_>) -> Result<Self, Vec<(String, String)>> {
        let mut wrong = Vec::new();
        let mut add = |field: &str, problem: &str| {
            wrong.push((field.to_owned(), problem.to_owned()));
        };
        let platform = platform(&ask, &mut add);
        let format = format(&ask, platform, &mut add);
        let compression = Compression::of(ask.compression);
        if compression == Compression::Lossless && format == Some(FileFormat::Jpeg) {
            add(
                "compression",
                "cannot be LOSSLESS in jpeg, which always loses; png and webp can",
            );
        }
        let size = size(&ask, &mut add);
        let own = usize::try_from(ask.max_bytes)
            .ok()
            .filter(|bytes| *bytes > 0);
        let max_bytes = match platform.and_then(|platform| platform.max_bytes) {
            Some(taken) => Some(own.map_or(taken, |own| own.min(taken))),
            None => own,
        };
        let default = match (max_bytes, compression) {
            (Some(_), _) => BEST_QUALITY,
            (None, Compression::Small) => SMALL_QUALITY,
            (None, _) => DEFAULT_QUALITY,
        };
        match (format, size) {
            (Some(format), Some(size)) if wrong.is_empty() => Ok(Self {
                preset: ask.preset.to_owned(),
                size,
                format,
                quality: u8::try_from(ask.quality)
                    .ok()
                    .filter(|quality| (1..=100).contains(quality))
                    .unwrap_or(default),
                max_bytes,
                compression,
            }),
            _ => Err(wrong),
        }
    }

    /// The size in a file's name: the preset's, or width and height.
    pub(crate) fn size_name(&self) -> String {
        if self.preset.is_empty() {
            format!("{}x{}", self.size.width, self.size.height)
        } else {
            self.preset.clone()
        }
    }
}

/// What the file has to keep to, if it has to keep to a platform.
fn platform(ask: &Ask<'_>, add: &mut impl FnMut(&str, &str)) -> Option<&'static Platform> {
    if !ask.fit_preset {
        return None;
    }
    if ask.preset.is_empty() {
        add("fitPreset", "needs a preset to fit");
    }
    // A preset that there is none of is told where the size is read.
    Platform::of(ask.preset)
}

fn format(
    ask: &Ask<'_>,
    platform: Option<&Platform>,
    add: &mut impl FnMut(&str, &str),
) -> Option<FileFormat> {
    if ask.format.is_empty()
        && let Some(platform) = platform
    {
        return platform.formats.first().copied();
    }
    let format = format_named(ask.format);
    if format.is_none() {
        add("format", "must be png, jpeg or webp");
    }
    if let (Some(format), Some(platform)) = (format, platform)
        && !platform.formats.contains(&format)
    {
        let taken: Vec<&str> = platform
            .formats
            .iter()
            .map(|taken| format_name(*taken))
            .collect();
        let text = format!("must be {} to fit {}", taken.join(" or "), platform.name);
        add("format", &text);
    }
    format
}

fn size(ask: &Ask<'_>, add: &mut impl FnMut(&str, &str)) -> Option<Size> {
    let (width, height) = (ask.width, ask.height);
    if ask.preset.is_empty() {
        let side = |px: i32| u32::try_from(px).unwrap_or(0);
        match (width, height) {
            (0, 0) => add("preset", "give a preset, or width and height"),
            (0, _) => add("width", "must stand beside height"),
            (_, 0) => add("height", "must stand beside width"),
            _ => {
                let size = Size::new(side(width), side(height)).ok();
                if size.is_none() {
                    add("width", "width and height must be 64 to 4096 pixels");
                }
                return size;
            }
        }
        return None;
    }
    for (field, side) in [("width", width), ("height", height)] {
        if side != 0 {
            add(field, "must be left out when a preset is given");
        }
    }
    let preset = Preset::parse(ask.preset).ok();
    if preset.is_none() {
        add("preset", "there is no preset of this name");
    }
    preset.map(|preset| preset.size)
}

/// The format of a name in requests; PNG without one.
pub(crate) fn format_named(name: &str) -> Option<FileFormat> {
    match name {
        "" | "png" => Some(FileFormat::Png),
        "jpeg" => Some(FileFormat::Jpeg),
        "webp" => Some(FileFormat::WebP),
        _ => None,
    }
}

/// The name of a format in requests and answers.
pub(crate) fn format_name(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Png => "png",
        FileFormat::Jpeg => "jpeg",
        FileFormat::WebP => "webp",
    }
}

#[cfg(test)]
mod tests {
    use covergen_imaging::FileFormat;
    use covergen_proto::export::v1::PrepareRequest;
    use covergen_proto::export::v1::compression::Mode;

    use super::{Compression, Wanted};

    fn read(request: &PrepareRequest) -> Result<Wanted, Vec<String>> {
        let named = |wrong: Vec<(String, String)>| wrong.into_iter().map(|(field, _)| field);
        Wanted::of(request.into()).map_err(|wrong| named(wrong).collect())
    }

    fn preset(name: &str) -> PrepareRequest {
        PrepareRequest {
            preset: name.to_owned(),
            ..PrepareRequest::default()
        }
    }

    #[test]
    fn a_preset_or_a_size_and_never_both() {
        let wanted = read(&preset("youtube")).unwrap();
        assert_eq!((wanted.size.width, wanted.size.height), (1280, 720));
        assert_eq!((wanted.format, wanted.quality), (FileFormat::Png, 85));
        assert_eq!(wanted.size_name(), "youtube");

        let custom = PrepareRequest {
            width: 64,
            height: 4096,
            ..PrepareRequest::default()
        };
        assert_eq!(read(&custom).unwrap().size_name(), "64x4096");

        let both = PrepareRequest {
            preset: "youtube".to_owned(),
            ..custom.clone()
        };
        assert_eq!(read(&both).unwrap_err(), ["width", "height"]);
        assert_eq!(read(&PrepareRequest::default()).unwrap_err(), ["preset"]);
        let half = PrepareRequest { width: 0, ..custom };
        assert_eq!(read(&half).unwrap_err(), ["width"]);
    }

    #[test]
    fn everything_wrong_is_listed_at_once() {
        let mut request = PrepareRequest {
            format: "jpeg".to_owned(),
            height: 90,
            ..preset("tiktok")
        };
        request.set_compression(Mode::Lossless);
        assert_eq!(
            read(&request).unwrap_err(),
            ["compression", "height", "preset"]
        );
    }

    #[test]
    fn a_bound_in_bytes_raises_the_quality_unless_one_is_named() {
        let bounded = |quality, max_bytes, mode| {
            let mut request = PrepareRequest {
                format: "jpeg".to_owned(),
                max_bytes,
                quality,
                ..preset("x")
            };
            request.set_compression(mode);
            let wanted = read(&request).unwrap();
            (wanted.quality, wanted.max_bytes)
        };
        assert_eq!(bounded(0, 9000, Mode::Unspecified), (100, Some(9000)));
        assert_eq!(bounded(70, 9000, Mode::Small), (70, Some(9000)));
        assert_eq!(bounded(0, 0, Mode::Small), (80, None));
    }

    #[test]
    fn a_file_that_fits_its_platform_keeps_its_bound_and_formats() {
        let fits = |change: fn(&mut PrepareRequest)| {
            let mut request = PrepareRequest {
                fit_preset: true,
                ..preset("youtube")
            };
            change(&mut request);
            read(&request)
        };
        let plain = fits(|_| ()).unwrap();
        assert_eq!(plain.format, FileFormat::Jpeg);
        assert_eq!((plain.max_bytes, plain.quality), (Some(2_000_000), 100));
        let lower = fits(|request| request.max_bytes = 50_000).unwrap();
        assert_eq!(lower.max_bytes, Some(50_000));
        let higher = fits(|request| request.max_bytes = 9_000_000).unwrap();
        assert_eq!(higher.max_bytes, Some(2_000_000));
        assert_eq!(
            fits(|request| request.format = "webp".to_owned()).unwrap_err(),
            ["format"]
        );
        let nothing = fits(|request| request.preset.clear()).unwrap_err();
        assert_eq!(nothing, ["fitPreset", "preset"]);
    }

    #[test]
    fn compression_is_kept_by_name() {
        for mode in [
            Compression::Usual,
            Compression::Lossless,
            Compression::Small,
        ] {
            assert_eq!(Compression::named(mode.name()), mode);
        }
    }
}
