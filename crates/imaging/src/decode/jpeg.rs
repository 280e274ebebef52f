//! JPEG through zune-jpeg, with colours of our own.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::{ColourModel, Decoded, Limits, malformed};
use crate::jpeg::{JpegColour, Structure};
use crate::profile::{Converter, Model};
use crate::{Error, Exif, Picture, SourceFormat};

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let fail = |reason: &dyn std::fmt::Display| malformed(SourceFormat::Jpeg, reason);
    let structure = Structure::read(bytes)?;
    // What the library cannot bring to RGBA by itself comes as it is stored.
    let wanted = match structure.colour {
        JpegColour::Gray | JpegColour::YCbCr => ColorSpace::RGBA,
        JpegColour::Rgb => ColorSpace::RGB,
        JpegColour::Cmyk => ColorSpace::CMYK,
        JpegColour::Ycck => ColorSpace::YCCK,
    };
    let side = limits.max_side_px as usize;
    let options = DecoderOptions::default()
        .set_max_width(side)
        .set_max_height(side)
        .jpeg_set_out_colorspace(wanted);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let mut pixels = decoder
        .decode()
        .map_err(|error| fail(&format!("{error:?}")))?;
    let info = decoder
        .info()
        .ok_or_else(|| fail(&"no frame header was found"))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    drop(decoder);
    let count = width as usize * height as usize;
    if pixels.len() != count * wanted.num_components() {
        return Err(fail(&"the decoder gave another number of pixels"));
    }
    if structure.colour == JpegColour::Rgb {
        let (colours, _) = pixels.as_chunks::<3>();
        pixels = colours
            .iter()
            .flat_map(|&[r, g, b]| [r, g, b, 255])
            .collect();
    }
    let row_bytes = width as usize * 4;
    let converted = to_srgb(&mut pixels, row_bytes, &structure)
        .ok_or_else(|| fail(&"its colour profile cannot be applied"))?;
    Ok(Decoded {
        picture: Picture::new(width, height, pixels)?,
        colour: match structure.colour {
            JpegColour::Gray => ColourModel::Gray,
            JpegColour::YCbCr | JpegColour::Rgb => ColourModel::Rgb,
            JpegColour::Cmyk | JpegColour::Ycck => ColourModel::Cmyk,
        },
        bit_depth: 8,
        converted,
        lossless: false,
        subsampled: structure.subsampled,
        exif: structure.exif.map(Exif::parse).unwrap_or_default(),
    })
}

/// Brings four bytes a pixel to opaque sRGB, row by row in place. Tells whether
/// a profile was applied.
fn to_srgb(pixels: &mut [u8], row_bytes: usize, structure: &Structure<'_>) -> Option<bool> {
    let icc = structure.icc.as_deref();
    let inks = matches!(structure.colour, JpegColour::Cmyk | JpegColour::Ycck);
    let mut converter = icc.and_then(|icc| match structure.colour {
        JpegColour::Cmyk | JpegColour::Ycck => Converter::from_icc(icc, Model::Cmyk),
        JpegColour::Gray => {
            Converter::from_icc(icc, Model::Gray).or_else(|| Converter::from_icc(icc, Model::Rgb))
        }
        JpegColour::YCbCr | JpegColour::Rgb => Converter::from_icc(icc, Model::Rgb),
    });
    for row in pixels.chunks_exact_mut(row_bytes) {
        if structure.colour == JpegColour::Ycck {
            inks_of_ycck(row);
        }
        match &mut converter {
            Some(converter) => {
                if inks {
                    // Profiles count ink, the file counts paper.
                    row.iter_mut().for_each(|ink| *ink = 255 - *ink);
                }
                converter.convert(row)?;
            }
            None if inks => multiply_out(row),
            None => {}
        }
    }
    Some(converter.is_some())
}

/// Inverted CMYK of Y, Cb, Cr and inverted K (JFIF's matrix, in sixteenths of
/// a bit).
fn inks_of_ycck(row: &mut [u8]) {
    let (pixels, _) = row.as_chunks_mut::<4>();
    for pixel in pixels {
        let [y, cb, cr, _] = pixel.map(i32::from);
        let (cb, cr) = (cb - 128, cr - 128);
        let part = |sum: i32| {
            let value = y + ((sum + (1 << 15)) >> 16);
            255 - value.clamp(0, 255) as u8
        };
        pixel[0] = part(91_881 * cr);
        pixel[1] = part(-22_554 * cb - 46_802 * cr);
        pixel[2] = part(116_130 * cb);
    }
}

/// RGB of inverted CMYK without a profile: each colour is dimmed by black.
fn multiply_out(row: &mut [u8]) {
    let (pixels, _) = row.as_chunks_mut::<4>();
    for pixel in pixels {
        let black = u16::from(pixel[3]);
        for colour in &mut pixel[..3] {
            *colour = ((u16::from(*colour) * black + 127) / 255) as u8;
        }
        pixel[3] = 255;
    }
}
