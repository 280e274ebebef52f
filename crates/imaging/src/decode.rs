//! Files to pixels, within limits that hold before any pixel is allocated.

mod gif;
mod jpeg;
mod png;
mod webp;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::orient::upright;
use crate::probe::{Header, header};
use crate::{Error, Exif, Picture, SourceFormat};

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
    fn check_length(&self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() > self.max_bytes {
            return Err(Error::FileTooLarge {
                bytes: bytes.len(),
                limit_bytes: self.max_bytes,
            });
        }
        Ok(())
    }

    fn check(&self, bytes: &[u8]) -> Result<Header, Error> {
        self.check_length(bytes)?;
        let header = header(bytes)?;
        let Header { width, height, .. } = header;
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

    /// Bytes that a decoder may set aside.
    fn budget_bytes(&self) -> usize {
        usize::try_from(self.max_pixels.saturating_mul(8)).unwrap_or(usize::MAX)
    }
}

/// How a file stores its colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColourModel {
    /// Red, green and blue, or what becomes that without loss.
    Rgb,
    /// Lightness alone.
    Gray,
    /// Four inks.
    Cmyk,
    /// Numbers of a table.
    Palette,
}

/// A file read whole: its pixels, upright and in sRGB, and what it was.
#[derive(Clone, Debug)]
pub struct Source {
    /// The pixels.
    pub picture: Picture,
    /// The format by its first bytes.
    pub format: SourceFormat,
    /// Width as stored, in pixels.
    pub width: u32,
    /// Height as stored, in pixels.
    pub height: u32,
    /// Frames of an animation, of which the first was read.
    pub frames: u32,
    /// How colours are stored.
    pub colour: ColourModel,
    /// Bits a channel.
    pub bit_depth: u8,
    /// A profile, or a PNG's calibration, changed the colours.
    pub converted: bool,
    /// Nothing was lost when the file was written.
    pub lossless: bool,
    /// Colour is stored at less than full resolution.
    pub subsampled: bool,
    /// What the camera wrote.
    pub exif: Exif,
}

/// What one format's decoder finds.
struct Decoded {
    picture: Picture,
    colour: ColourModel,
    bit_depth: u8,
    converted: bool,
    lossless: bool,
    subsampled: bool,
    exif: Exif,
}

/// Decodes a PNG, JPEG or WebP file, the formats that are written too; of an
/// animation, its first frame.
///
/// The picture is upright and in sRGB, as of [`read`].
///
/// # Errors
/// Everything [`probe`](crate::probe) refuses, a file over `limits`, and
/// damaged contents.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Picture, Error> {
    limits.check_length(bytes)?;
    if SourceFormat::sniff(bytes)? == SourceFormat::Gif {
        return Err(Error::Unsupported { name: "GIF" });
    }
    Ok(read(bytes, limits)?.picture)
}

/// Reads a file that somebody brings: JPEG (also CMYK and YCCK), PNG, WebP or
/// GIF.
///
/// Colours are converted to sRGB by the file's profile, or by a PNG's gamma and
/// primaries; CMYK without a profile is taken for Adobe's inverted inks and
/// multiplied out. 16 bits are rounded to 8. EXIF orientation is applied.
/// Memory, beside the file, is at most 12 bytes a pixel and a few megabytes.
///
/// # Errors
/// A file of another kind or over `limits`, and damaged contents.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Source, Error> {
    let header = limits.check(bytes)?;
    let decode = match header.format {
        SourceFormat::Png => png::decode,
        SourceFormat::Jpeg => jpeg::decode,
        SourceFormat::WebP => webp::decode,
        SourceFormat::Gif => gif::decode,
    };
    // A decoder that stumbles has met a file it does not understand; that is
    // the file's fault as far as anybody outside can tell.
    let decoded = catch_unwind(AssertUnwindSafe(|| decode(bytes, limits)))
        .unwrap_or_else(|_| Err(malformed(header.format, &"the decoder gave up")))?;
    let Decoded { picture, exif, .. } = decoded;
    // Two readers of one header must not be played against each other.
    if (picture.width(), picture.height()) != (header.width, header.height) {
        return Err(malformed(
            header.format,
            &"two headers disagree on the size",
        ));
    }
    Ok(Source {
        picture: upright(picture, exif.orientation.unwrap_or(1))?,
        format: header.format,
        width: header.width,
        height: header.height,
        frames: header.frames,
        colour: decoded.colour,
        bit_depth: decoded.bit_depth,
        converted: decoded.converted,
        lossless: decoded.lossless,
        subsampled: decoded.subsampled,
        exif,
    })
}

fn malformed(format: SourceFormat, reason: &dyn std::fmt::Display) -> Error {
    Error::Malformed {
        format,
        reason: reason.to_string(),
    }
}
