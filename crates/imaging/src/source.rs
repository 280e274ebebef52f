//! What a file is, whatever it is called.

use std::fmt;

use crate::{Error, FileFormat};

/// The picture formats that people bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceFormat {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP, lossy or lossless.
    WebP,
    /// GIF, read only.
    Gif,
}

/// Formats that are known well enough to say that they are not taken.
const REFUSED: [(usize, &[u8], &str); 12] = [
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypavis", "AVIF"),
    (4, b"ftyphei", "HEIC"),
    (4, b"ftyphev", "HEIC"),
    (4, b"ftypmif1", "HEIF"),
    (0, b"\xFF\x0A", "JPEG XL"),
    (0, b"\0\0\0\x0CJXL ", "JPEG XL"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"BM", "BMP"),
    (0, b"8BPS", "Photoshop"),
    (0, b"%PDF", "PDF"),
];

impl SourceFormat {
    /// Tells a format by the file's first bytes.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a picture of another kind,
    /// [`Error::UnknownFormat`] for anything else.
    pub fn sniff(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Ok(Self::Png)
        } else if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Ok(Self::Jpeg)
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            Ok(Self::WebP)
        } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
            Ok(Self::Gif)
        } else {
            let known = REFUSED.iter().find(|(at, magic, _)| {
                bytes
                    .get(*at..)
                    .is_some_and(|bytes| bytes.starts_with(magic))
            });
            Err(match known {
                Some((_, _, name)) => Error::Unsupported { name },
                None => Error::UnknownFormat,
            })
        }
    }

    /// The media type, such as `image/png`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
        }
    }
}

impl From<FileFormat> for SourceFormat {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Png => Self::Png,
            FileFormat::Jpeg => Self::Jpeg,
            FileFormat::WebP => Self::WebP,
        }
    }
}

impl fmt::Display for SourceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
        })
    }
}
