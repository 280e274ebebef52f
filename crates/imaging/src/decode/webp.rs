//! WebP through image-webp.

use std::io::Cursor;

use super::{ColourModel, Decoded, Limits, malformed};
use crate::profile::{Converter, Model};
use crate::{Error, Exif, Picture, SourceFormat};

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let fail = |error: image_webp::DecodingError| malformed(SourceFormat::WebP, &error);
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(fail)?;
    decoder.set_memory_limit(limits.budget_bytes());
    let (width, height) = decoder.dimensions();
    // Metadata that is announced and missing hinders nothing.
    let icc = decoder.icc_profile().ok().flatten();
    let exif = decoder.exif_metadata().ok().flatten();
    let length = decoder
        .output_buffer_size()
        .ok_or_else(|| malformed(SourceFormat::WebP, &"too large"))?;
    let mut pixels = vec![0; length];
    if decoder.is_animated() {
        decoder.read_frame(&mut pixels).map_err(fail)?;
    } else {
        decoder.read_image(&mut pixels).map_err(fail)?;
    }
    let (lossy, has_alpha) = (decoder.is_lossy(), decoder.has_alpha());
    drop(decoder);
    let mut rgba = if has_alpha {
        pixels
    } else {
        let (colours, _) = pixels.as_chunks::<3>();
        colours
            .iter()
            .flat_map(|&[r, g, b]| [r, g, b, 255])
            .collect()
    };
    let mut converter = icc.and_then(|icc| Converter::from_icc(&icc, Model::Rgb));
    if let Some(converter) = &mut converter {
        for row in rgba.chunks_exact_mut(width as usize * 4) {
            converter
                .convert(row)
                .ok_or_else(|| malformed(SourceFormat::WebP, &"its colours cannot be read"))?;
        }
    }
    Ok(Decoded {
        picture: Picture::new(width, height, rgba)?,
        colour: ColourModel::Rgb,
        bit_depth: 8,
        converted: converter.is_some(),
        lossless: !lossy,
        subsampled: lossy,
        exif: exif.map(|exif| Exif::parse(&exif)).unwrap_or_default(),
    })
}
