//! Files to pixels, within limits that hold before any pixel is allocated.

use std::io::Cursor;

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use crate::{Error, FileFormat, Picture, Probe, probe};

/// What a file may ask of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest file, in bytes.
    pub max_bytes: usize,
    /// Longest side, in pixels.
    pub max_side_px: u32,
    /// Most pixels.
    pub max_pixels: u64,
    /// Most frames of an animation. Only the first is decoded.
    pub max_frames: u32,
}

impl Default for Limits {
    /// 10 MiB, 8192 px a side, 20 megapixels, 64 frames.
    fn default() -> Self {
        Self {
            max_bytes: 10 * 1024 * 1024,
            max_side_px: 8192,
            max_pixels: 20_000_000,
            max_frames: 64,
        }
    }
}

impl Limits {
    fn check(&self, bytes: &[u8]) -> Result<Probe, Error> {
        if bytes.len() > self.max_bytes {
            return Err(Error::FileTooLarge {
                bytes: bytes.len(),
                limit_bytes: self.max_bytes,
            });
        }
        let header = probe(bytes)?;
        let Probe { width, height, .. } = header;
        if width == 0 || height == 0 {
            return Err(Error::SizeOutOfRange { width, height });
        }
        let pixels = u64::from(width) * u64::from(height);
        if width.max(height) > self.max_side_px || pixels > self.max_pixels {
            return Err(Error::PictureTooLarge {
                width,
                height,
                limit_side_px: self.max_side_px,
                limit_pixels: self.max_pixels,
            });
        }
        if header.frames > self.max_frames {
            return Err(Error::TooManyFrames {
                frames: header.frames,
                limit_frames: self.max_frames,
            });
        }
        Ok(header)
    }
}

/// Decodes a PNG, JPEG or WebP file; of an animation, its first frame.
///
/// Colours are taken as sRGB and orientation tags are left alone.
///
/// # Errors
/// Everything [`probe`] refuses, a file over `limits`, and damaged contents.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Picture, Error> {
    let header = limits.check(bytes)?;
    let picture = match header.format {
        FileFormat::Png => decode_png(bytes, limits),
        FileFormat::Jpeg => decode_jpeg(bytes, limits),
        FileFormat::WebP => decode_webp(bytes, limits),
    }?;
    // Two readers of one header must not be played against each other.
    if (picture.width(), picture.height()) != (header.width, header.height) {
        return Err(malformed(
            header.format,
            &"two headers disagree on the size",
        ));
    }
    Ok(picture)
}

fn malformed(format: FileFormat, reason: &dyn std::fmt::Display) -> Error {
    Error::Malformed {
        format,
        reason: reason.to_string(),
    }
}

fn decode_png(bytes: &[u8], limits: &Limits) -> Result<Picture, Error> {
    let fail = |error: png::DecodingError| malformed(FileFormat::Png, &error);
    let budget = usize::try_from(limits.max_pixels.saturating_mul(8)).unwrap_or(usize::MAX);
    let mut decoder =
        png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: budget });
    decoder.set_transformations(
        png::Transformations::EXPAND | png::Transformations::STRIP_16 | png::Transformations::ALPHA,
    );
    let mut reader = decoder.read_info().map_err(fail)?;
    let length = reader
        .output_buffer_size()
        .ok_or_else(|| malformed(FileFormat::Png, &"too large"))?;
    let mut pixels = vec![0; length];
    let frame = reader.next_frame(&mut pixels).map_err(fail)?;
    pixels.truncate(frame.buffer_size());
    let rgba = match frame.color_type {
        png::ColorType::Rgba => pixels,
        png::ColorType::GrayscaleAlpha => pixels
            .chunks_exact(2)
            .flat_map(|pair| [pair[0], pair[0], pair[0], pair[1]])
            .collect(),
        other => return Err(malformed(FileFormat::Png, &format!("unexpected {other:?}"))),
    };
    Picture::new(frame.width, frame.height, rgba)
}

fn decode_jpeg(bytes: &[u8], limits: &Limits) -> Result<Picture, Error> {
    let side = limits.max_side_px as usize;
    let options = DecoderOptions::default()
        .set_max_width(side)
        .set_max_height(side)
        .jpeg_set_out_colorspace(ColorSpace::RGBA);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let rgba = decoder
        .decode()
        .map_err(|error| malformed(FileFormat::Jpeg, &format!("{error:?}")))?;
    let info = decoder
        .info()
        .ok_or_else(|| malformed(FileFormat::Jpeg, &"no frame header was found"))?;
    Picture::new(u32::from(info.width), u32::from(info.height), rgba)
}

fn decode_webp(bytes: &[u8], limits: &Limits) -> Result<Picture, Error> {
    let fail = |error: image_webp::DecodingError| malformed(FileFormat::WebP, &error);
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(fail)?;
    let budget = usize::try_from(limits.max_pixels.saturating_mul(8)).unwrap_or(usize::MAX);
    decoder.set_memory_limit(budget);
    let (width, height) = decoder.dimensions();
    let length = decoder
        .output_buffer_size()
        .ok_or_else(|| malformed(FileFormat::WebP, &"too large"))?;
    let mut pixels = vec![0; length];
    if decoder.is_animated() {
        decoder.read_frame(&mut pixels).map_err(fail)?;
    } else {
        decoder.read_image(&mut pixels).map_err(fail)?;
    }
    let rgba = if decoder.has_alpha() {
        pixels
    } else {
        pixels
            .chunks_exact(3)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255])
            .collect()
    };
    Picture::new(width, height, rgba)
}
