//! WebP through libwebp, with loss and without.

use super::failed;
use crate::{Error, FileFormat, Picture};

/// libwebp's own middle way between time and bytes.
const METHOD: i32 = 4;
/// Effort of the lossless encoder, which `quality` means there.
const LOSSLESS_EFFORT: f32 = 75.0;

pub(super) fn encode(picture: &Picture, quality: u8) -> Result<Vec<u8>, Error> {
    let mut config = ::webp::WebPConfig::new()
        .map_err(|()| failed(FileFormat::WebP, &"the library's version disagrees"))?;
    config.quality = f32::from(quality);
    config.method = METHOD;
    // Coloured type on a flat ground bleeds without the careful chroma path.
    config.use_sharp_yuv = 1;
    write(picture, &config)
}

pub(super) fn encode_lossless(picture: &Picture) -> Result<Vec<u8>, Error> {
    let mut config = ::webp::WebPConfig::new()
        .map_err(|()| failed(FileFormat::WebP, &"the library's version disagrees"))?;
    config.lossless = 1;
    // Colours under full transparency are pixels too.
    config.exact = 1;
    config.quality = LOSSLESS_EFFORT;
    config.method = METHOD;
    write(picture, &config)
}

fn write(picture: &Picture, config: &::webp::WebPConfig) -> Result<Vec<u8>, Error> {
    ::webp::Encoder::from_rgba(picture.rgba(), picture.width(), picture.height())
        .encode_advanced(config)
        .map(|memory| memory.to_vec())
        .map_err(|error| failed(FileFormat::WebP, &format!("{error:?}")))
}
