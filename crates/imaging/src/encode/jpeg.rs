//! JPEG through the pure Rust descendant of mozjpeg.

use mozjpeg_rs::{Encoder, Subsampling};

use super::failed;
use crate::{Chroma, Error, FileFormat, Picture};

pub(super) fn encode(
    picture: &Picture,
    quality: u8,
    chroma: Chroma,
    progressive: bool,
) -> Result<Vec<u8>, Error> {
    let base = if progressive {
        Encoder::progressive_balanced()
    } else {
        Encoder::baseline_optimized()
    };
    base.quality(quality)
        .subsampling(match chroma {
            Chroma::Full => Subsampling::S444,
            Chroma::Half => Subsampling::S420,
        })
        .encode_rgb(&over_white(picture), picture.width(), picture.height())
        .map_err(|error| failed(FileFormat::Jpeg, &error))
}

/// JPEG has no alpha: transparent pixels are laid over white paper.
fn over_white(picture: &Picture) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(picture.rgba().len() / 4 * 3);
    for pixel in picture.rgba().chunks_exact(4) {
        let alpha = u16::from(pixel[3]);
        for &channel in &pixel[..3] {
            let mixed = u16::from(channel) * alpha + 255 * (255 - alpha);
            rgb.push(((mixed + 127) / 255) as u8);
        }
    }
    rgb
}
