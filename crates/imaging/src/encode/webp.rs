//! Lossy WebP through libwebp.

use super::failed;
use crate::{Error, FileFormat, Picture};

/// libwebp's own middle way between time and bytes.
const METHOD: i32 = 4;

pub(super) fn encode(picture: &Picture, quality: u8) -> Result<Vec<u8>, Error> {
    let mut config = ::webp::WebPConfig::new()
        .map_err(|()| failed(FileFormat::WebP, &"the library's version disagrees"))?;
    config.quality = f32::from(quality);
    config.method = METHOD;
    // Coloured type on a flat ground bleeds without the careful chroma path.
    config.use_sharp_yuv = 1;
    ::webp::Encoder::from_rgba(picture.rgba(), picture.width(), picture.height())
        .encode_advanced(&config)
        .map(|memory| memory.to_vec())
        .map_err(|error| failed(FileFormat::WebP, &format!("{error:?}")))
}
