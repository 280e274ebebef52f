//! File formats and how to write them.

use std::fmt;

/// The picture formats this crate reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileFormat {
    /// Portable Network Graphics, lossless.
    Png,
    /// JPEG, lossy, no transparency.
    Jpeg,
    /// WebP, written lossy.
    WebP,
}

impl FileFormat {
    /// The media type, such as `image/png`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }

    /// The usual file extension, without its dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
        }
    }
}

impl fmt::Display for FileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
        })
    }
}

/// How hard to compress a PNG. The pixels are the same either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PngLevel {
    /// Milliseconds: what a preview that follows typing needs.
    #[default]
    Preview,
    /// Smaller files at several times the time: what is stored and downloaded.
    Delivery,
    /// The smallest file, for seconds of work: what somebody asked for by name.
    /// Pictures of few colours are written with a palette where that is shorter.
    Smallest,
}

/// How much colour detail a JPEG keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Chroma {
    /// Colour at full resolution. Small coloured type needs it.
    #[default]
    Full,
    /// Colour at half resolution each way: smaller, right for photographs.
    Half,
}

/// A format together with its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// PNG; opaque pictures are written without an alpha channel.
    Png {
        /// How hard to compress.
        level: PngLevel,
    },
    /// JPEG over white where the picture is transparent.
    Jpeg {
        /// 1–100.
        quality: u8,
        /// Colour resolution.
        chroma: Chroma,
        /// Progressive scans: sharper by steps while loading, a little smaller.
        progressive: bool,
    },
    /// PNG with a palette, the rest made up for by dithering.
    IndexedPng {
        /// Most colours, 2–256.
        colors: u16,
    },
    /// Lossy WebP with its alpha channel.
    WebP {
        /// 1–100.
        quality: u8,
    },
    /// WebP without loss.
    LosslessWebP,
}

impl Encoding {
    /// The quickest lossless file.
    pub const PREVIEW: Self = Self::Png {
        level: PngLevel::Preview,
    };

    /// The format that this encoding writes.
    #[must_use]
    pub fn file_format(self) -> FileFormat {
        match self {
            Self::Png { .. } | Self::IndexedPng { .. } => FileFormat::Png,
            Self::Jpeg { .. } => FileFormat::Jpeg,
            Self::WebP { .. } | Self::LosslessWebP => FileFormat::WebP,
        }
    }
}
