//! Rules without I/O: what an export may be.

use covergen_imaging::FileFormat;
use covergen_proto::export::v1::PrepareRequest;
use covergen_render::{Preset, Size};

/// Quality of a JPEG or WebP that asks for none and has no bound.
const DEFAULT_QUALITY: u8 = 85;
/// What the search for the best quality under a bound begins with.
const BEST_QUALITY: u8 = 100;

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
}

impl Wanted {
    /// Reads a request, or lists everything that is wrong with it.
    pub(crate) fn of(request: &PrepareRequest) -> Result<Self, Vec<(String, String)>> {
        let mut wrong = Vec::new();
        let mut add = |field: &str, problem: &str| {
            wrong.push((field.to_owned(), problem.to_owned()));
        };
        let format = format_named(&request.format);
        if format.is_none() {
            add("format", "must be png, jpeg or webp");
        }
        if request.max_bytes > 0 && format == Some(FileFormat::Png) {
            add(
                "maxBytes",
                "works with jpeg and webp, whose quality can be lowered; png has none",
            );
        }
        let size = size(request, &mut add);
        let max_bytes = usize::try_from(request.max_bytes)
            .ok()
            .filter(|bytes| *bytes > 0);
        let default = if max_bytes.is_some() {
            BEST_QUALITY
        } else {
            DEFAULT_QUALITY
        };
        match (format, size) {
            (Some(format), Some(size)) if wrong.is_empty() => Ok(Self {
                preset: request.preset.clone(),
                size,
                format,
                quality: u8::try_from(request.quality)
                    .ok()
                    .filter(|quality| (1..=100).contains(quality))
                    .unwrap_or(default),
                max_bytes,
            }),
            _ => Err(wrong),
        }
    }
}

fn size(request: &PrepareRequest, add: &mut impl FnMut(&str, &str)) -> Option<Size> {
    let (width, height) = (request.width, request.height);
    if request.preset.is_empty() {
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
    let preset = Preset::parse(&request.preset).ok();
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

    use super::Wanted;

    fn fields(request: &PrepareRequest) -> Vec<String> {
        let wrong = Wanted::of(request).unwrap_err();
        wrong.into_iter().map(|(field, _)| field).collect()
    }

    fn preset(name: &str) -> PrepareRequest {
        PrepareRequest {
            preset: name.to_owned(),
            ..PrepareRequest::default()
        }
    }

    #[test]
    fn a_preset_or_a_size_and_never_both() {
        let wanted = Wanted::of(&preset("youtube")).unwrap();
        assert_eq!((wanted.size.width, wanted.size.height), (1280, 720));
        assert_eq!((wanted.format, wanted.quality), (FileFormat::Png, 85));

        let custom = PrepareRequest {
            width: 64,
            height: 4096,
            ..PrepareRequest::default()
        };
        assert_eq!(Wanted::of(&custom).unwrap().size.height, 4096);

        let both = PrepareRequest {
            preset: "youtube".to_owned(),
            ..custom.clone()
        };
        assert_eq!(fields(&both), ["width", "height"]);
        assert_eq!(fields(&PrepareRequest::default()), ["preset"]);
        assert_eq!(fields(&PrepareRequest { width: 0, ..custom }), ["width"]);
    }

    #[test]
    fn everything_wrong_is_listed_at_once() {
        let request = PrepareRequest {
            max_bytes: 5000,
            ..preset("tiktok")
        };
        assert_eq!(fields(&request), ["maxBytes", "preset"]);
    }

    #[test]
    fn a_bound_in_bytes_raises_the_quality_unless_one_is_named() {
        let bounded = |quality| {
            let request = PrepareRequest {
                format: "jpeg".to_owned(),
                max_bytes: 9000,
                quality,
                ..preset("x")
            };
            let wanted = Wanted::of(&request).unwrap();
            (wanted.quality, wanted.max_bytes)
        };
        assert_eq!(bounded(0), (100, Some(9000)));
        assert_eq!(bounded(70), (70, Some(9000)));
    }
}
