//! PNG, row by row: 16 bits a channel never stand in memory for more than one
//! row, and decompression stops with the last.

use std::io::Cursor;

use super::{ColourModel, Decoded, Limits, malformed};
use crate::profile::{Calibration, Converter, MAX_PROFILE_BYTES, Model, WideConverter};
use crate::{Error, Exif, Picture, SourceFormat};

/// First column, step of columns, first row, step of rows.
type Pass = (u32, u32, u32, u32);

/// The one pass of a file that is not interlaced.
const WHOLE: [Pass; 1] = [(0, 1, 0, 1)];
/// The seven passes of an interlaced one (PNG, section 8.2).
const ADAM7: [Pass; 7] = [
    (0, 8, 0, 8),
    (4, 8, 0, 8),
    (0, 4, 4, 8),
    (2, 4, 0, 4),
    (0, 2, 2, 4),
    (1, 2, 0, 2),
    (0, 1, 1, 2),
];

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let fail = |error: png::DecodingError| malformed(SourceFormat::Png, &error);
    let limits = png::Limits {
        bytes: limits.budget_bytes(),
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::ALPHA);
    // Both may be compressed a thousand times; texts are not wanted, and the
    // profile is unpacked within a bound of its own.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(fail)?;
    let info = reader.info();
    let (width, height) = info.size();
    let (colour, bit_depth) = (info.color_type, info.bit_depth as u8);
    let passes: &[Pass] = if info.interlaced { &ADAM7 } else { &WHOLE };
    let (layout, depth) = reader.output_color_type();
    let channels = match layout {
        png::ColorType::Rgba => 4,
        png::ColorType::GrayscaleAlpha => 2,
        other => {
            return Err(malformed(
                SourceFormat::Png,
                &format!("unexpected {other:?}"),
            ));
        }
    };
    let chunks = Chunks::read(bytes);
    let mut rows = Rows::new(
        channels,
        depth == png::BitDepth::Sixteen,
        converter(reader.info(), &chunks, channels == 2),
    );
    let converted = rows.converter.is_some();

    let mut rgba = vec![0; width as usize * height as usize * 4];
    let (pixels, _) = rgba.as_chunks_mut::<4>();
    for &(left, columns, top, lines) in passes {
        if left >= width || top >= height {
            continue;
        }
        for y in (top..height).step_by(lines as usize) {
            let row = reader.next_row().map_err(fail)?;
            let row = row.ok_or_else(|| malformed(SourceFormat::Png, &"rows are missing"))?;
            let start = y as usize * width as usize;
            let target = &mut pixels[start..start + width as usize];
            let spread = target
                .iter_mut()
                .skip(left as usize)
                .step_by(columns as usize);
            rows.convert(row.data())
                .ok_or_else(|| malformed(SourceFormat::Png, &"its colours cannot be read"))?
                .iter()
                .zip(spread)
                .for_each(|(pixel, target)| *target = *pixel);
        }
    }
    Ok(Decoded {
        picture: Picture::new(width, height, rgba)?,
        colour: model_of(colour),
        bit_depth,
        converted,
        lossless: true,
        subsampled: false,
        exif: chunks.exif.map(Exif::parse).unwrap_or_default(),
    })
}

fn model_of(colour: png::ColorType) -> ColourModel {
    match colour {
        png::ColorType::Grayscale | png::ColorType::GrayscaleAlpha => ColourModel::Gray,
        png::ColorType::Indexed => ColourModel::Palette,
        png::ColorType::Rgb | png::ColorType::Rgba => ColourModel::Rgb,
    }
}

/// A profile wins over `sRGB`, and that over gamma and primaries (PNG, section
/// 4.3).
fn converter(info: &png::Info<'_>, chunks: &Chunks<'_>, gray: bool) -> Option<Converter> {
    let model = if gray { Model::Gray } else { Model::Rgb };
    if let Some(icc) = chunks.icc.and_then(unpack_profile) {
        return Converter::from_icc(&icc, model).or_else(|| Converter::from_icc(&icc, Model::Rgb));
    }
    if info.srgb.is_some() {
        return None;
    }
    let calibration = Calibration {
        gamma: info.gama_chunk.map(png::ScaledFloat::into_value),
        primaries: info.chrm_chunk.map(|at| {
            [at.white, at.red, at.green, at.blue].map(|(x, y)| (x.into_value(), y.into_value()))
        }),
    };
    if calibration == Calibration::default() {
        return None;
    }
    Converter::from_calibration(calibration, model)
}

/// Chunks that are read here and not by the library.
#[derive(Default)]
struct Chunks<'a> {
    icc: Option<&'a [u8]>,
    exif: Option<&'a [u8]>,
}

impl<'a> Chunks<'a> {
    fn read(bytes: &'a [u8]) -> Self {
        let mut found = Self::default();
        let mut rest = bytes.get(8..).unwrap_or_default();
        while let Some((head, after)) = rest.split_first_chunk::<8>() {
            let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
            let Some((body, after)) = after.split_at_checked(length) else {
                break;
            };
            match &head[4..] {
                b"iCCP" => found.icc = found.icc.or(Some(body)),
                b"eXIf" => found.exif = found.exif.or(Some(body)),
                b"IEND" => break,
                _ => {}
            }
            rest = after.get(4..).unwrap_or_default();
        }
        found
    }
}

/// Unpacks an `iCCP` chunk: name, zero, method, compressed profile. `None` for
/// one that is damaged or too long.
fn unpack_profile(chunk: &[u8]) -> Option<Vec<u8>> {
    let name = chunk.iter().take(80).position(|&byte| byte == 0)?;
    let packed = chunk.get(name + 1..)?.strip_prefix(&[0])?;
    let mut room = 64 * 1024;
    while room <= MAX_PROFILE_BYTES {
        let mut profile = vec![0; room];
        match libdeflater::Decompressor::new().zlib_decompress(packed, &mut profile) {
            Ok(length) => {
                profile.truncate(length);
                return Some(profile);
            }
            Err(libdeflater::DecompressionError::InsufficientSpace) => room *= 4,
            Err(_) => return None,
        }
    }
    None
}

/// Turns decoded rows into RGBA of 8 bits.
struct Rows {
    channels: usize,
    wide: bool,
    converter: Option<Converter>,
    wide_converter: Option<WideConverter>,
    samples: Vec<u16>,
    row: Vec<[u8; 4]>,
}

impl Rows {
    fn new(channels: usize, wide: bool, converter: Option<Converter>) -> Self {
        let wide_converter = converter
            .as_ref()
            .filter(|_| wide)
            .and_then(Converter::wide);
        Self {
            channels,
            wide,
            converter,
            wide_converter,
            samples: Vec::new(),
            row: Vec::new(),
        }
    }

    fn convert(&mut self, data: &[u8]) -> Option<&[[u8; 4]]> {
        self.row.clear();
        if self.wide {
            self.convert_wide(data)?;
            return Some(&self.row);
        }
        if self.channels == 4 {
            self.row.extend_from_slice(data.as_chunks::<4>().0);
        } else {
            let (pairs, _) = data.as_chunks::<2>();
            self.row.extend(pairs.iter().map(|&[v, a]| [v, v, v, a]));
        }
        if let Some(converter) = &mut self.converter {
            converter.convert(self.row.as_flattened_mut())?;
        }
        Some(&self.row)
    }

    fn convert_wide(&mut self, data: &[u8]) -> Option<()> {
        self.samples.clear();
        let (samples, _) = data.as_chunks::<2>();
        let samples = samples.iter().map(|pair| u16::from_be_bytes(*pair));
        if self.channels == 4 {
            self.samples.extend(samples);
        } else {
            let samples: Vec<u16> = samples.collect();
            let (pairs, _) = samples.as_chunks::<2>();
            self.samples
                .extend(pairs.iter().flat_map(|&[v, a]| [v, v, v, a]));
        }
        let samples = match &mut self.wide_converter {
            Some(converter) => converter.convert(&self.samples)?,
            None => &self.samples,
        };
        let (pixels, _) = samples.as_chunks::<4>();
        self.row
            .extend(pixels.iter().map(|pixel| pixel.map(narrow)));
        Some(())
    }
}

/// 16 bits to 8, to the nearest: 65535 is 255, and 257 steps make one.
fn narrow(sample: u16) -> u8 {
    ((u32::from(sample) * 255 + 32_767) / 65_535) as u8
}

#[cfg(test)]
mod tests {
    use super::narrow;

    #[test]
    fn sixteen_bits_become_the_nearest_eight() {
        for sample in 0..=u16::MAX {
            let exact = (f64::from(sample) / 257.0).round();
            assert_eq!(f64::from(narrow(sample)), exact, "{sample}");
        }
    }
}
