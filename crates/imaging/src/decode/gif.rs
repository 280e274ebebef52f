//! The first frame of a GIF, laid on its screen.

use std::io::Cursor;
use std::num::NonZeroU64;

use super::{ColourModel, Decoded, Limits, malformed};
use crate::{Error, Exif, Picture, SourceFormat};

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let fail = |error: gif::DecodingError| malformed(SourceFormat::Gif, &error);
    let budget = NonZeroU64::new(limits.max_pixels).unwrap_or(NonZeroU64::MIN);
    let mut options = gif::DecodeOptions::new();
    options.set_memory_limit(gif::MemoryLimit::Bytes(budget));
    options.set_color_output(gif::ColorOutput::Indexed);
    options.check_frame_consistency(true);
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(fail)?;
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let frame = decoder
        .next_frame_info()
        .map_err(fail)?
        .ok_or_else(|| malformed(SourceFormat::Gif, &"it has no picture"))?;
    let transparent = frame.transparent;
    let (left, top) = (usize::from(frame.left), usize::from(frame.top));
    let (wide, high) = (usize::from(frame.width), usize::from(frame.height));
    // The header's walk has checked the same; an index must never rest on it.
    if wide == 0 || left + wide > width || top + high > height {
        return Err(malformed(SourceFormat::Gif, &"its first frame has no room"));
    }
    let mut numbers = vec![0; wide * high];
    decoder.read_into_buffer(&mut numbers).map_err(fail)?;
    let palette = decoder.palette().map_err(fail)?;
    let (colours, _) = palette.as_chunks::<3>();
    let table: Vec<[u8; 4]> = (0..=255_u8)
        .map(|number| match colours.get(usize::from(number)) {
            _ if transparent == Some(number) => [0; 4],
            Some(&[r, g, b]) => [r, g, b, 255],
            // Numbers beyond the table are black, as browsers show them.
            None => [0, 0, 0, 255],
        })
        .collect();
    let mut rgba = vec![0; width * height * 4];
    let (pixels, _) = rgba.as_chunks_mut::<4>();
    for (y, row) in numbers.chunks_exact(wide).enumerate() {
        let start = (top + y) * width + left;
        let target = &mut pixels[start..start + wide];
        for (pixel, number) in target.iter_mut().zip(row) {
            *pixel = table[usize::from(*number)];
        }
    }
    // Both sides came from 16 bits.
    let side = |px: usize| u32::try_from(px).unwrap_or(u32::MAX);
    Ok(Decoded {
        picture: Picture::new(side(width), side(height), rgba)?,
        colour: ColourModel::Palette,
        bit_depth: 8,
        converted: false,
        lossless: true,
        subsampled: false,
        exif: Exif::default(),
    })
}
