//! Pixels to files.

mod jpeg;
mod png;
mod webp;

use crate::{Encoding, Error, FileFormat, Picture};

/// Writes a picture as a file.
///
/// # Errors
/// [`Error::QualityOutOfRange`], [`Error::ColorsOutOfRange`], or
/// [`Error::Encoder`] where the format cannot hold the picture.
pub fn encode(picture: &Picture, encoding: Encoding) -> Result<Vec<u8>, Error> {
    match encoding {
        Encoding::Png { level } => png::encode(picture, level),
        Encoding::IndexedPng { colors } => {
            if !(2..=256).contains(&colors) {
                return Err(Error::ColorsOutOfRange { colors });
            }
            png::encode_indexed(picture, colors)
        }
        Encoding::Jpeg {
            quality,
            chroma,
            progressive,
        } => {
            check_quality(quality)?;
            jpeg::encode(picture, quality, chroma, progressive)
        }
        Encoding::WebP { quality } => {
            check_quality(quality)?;
            webp::encode(picture, quality)
        }
        Encoding::LosslessWebP => webp::encode_lossless(picture),
    }
}

fn check_quality(quality: u8) -> Result<(), Error> {
    if (1..=100).contains(&quality) {
        Ok(())
    } else {
        Err(Error::QualityOutOfRange { quality })
    }
}

fn failed(format: FileFormat, reason: &dyn std::fmt::Display) -> Error {
    Error::Encoder {
        format,
        reason: reason.to_string(),
    }
}
