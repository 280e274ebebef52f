//! What can go wrong with a picture.

use crate::{FileFormat, SourceFormat};

/// Every way in which a picture file or a request about one is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes begin like no picture that is known.
    #[error("not a JPEG, PNG, WebP or GIF file")]
    UnknownFormat,
    /// A picture of a kind that is not read.
    #[error("{name} files are not taken; use JPEG, PNG, WebP or GIF")]
    Unsupported {
        /// Name of the format.
        name: &'static str,
    },
    /// The file says what it is, but its contents are damaged or unsupported.
    #[error("the {format} file cannot be read: {reason}")]
    Malformed {
        /// The format its first bytes announce.
        format: SourceFormat,
        /// What the decoder objected to.
        reason: String,
    },
    /// The file is longer than the limit.
    #[error("the file has {bytes} bytes; the limit is {limit_bytes}")]
    FileTooLarge {
        /// Length of the file.
        bytes: usize,
        /// The limit it broke.
        limit_bytes: usize,
    },
    /// The picture has more pixels, or a longer side, than the limit.
    #[error(
        "the picture is {width}x{height}; the limit is {limit_side_px} pixels a side and {limit_pixels} in all"
    )]
    PictureTooLarge {
        /// Width the header announces, in pixels.
        width: u32,
        /// Height the header announces, in pixels.
        height: u32,
        /// Longest side allowed.
        limit_side_px: u32,
        /// Most pixels allowed.
        limit_pixels: u64,
    },
    /// An animation with more frames than the limit.
    #[error("the animation has {frames} frames; the limit is {limit_frames}")]
    TooManyFrames {
        /// Frames the header announces.
        frames: u32,
        /// The limit it broke.
        limit_frames: u32,
    },
    /// Width, height and the length of the pixels do not agree.
    #[error("{width}x{height} pixels need {expected} bytes of RGBA, got {actual}")]
    PixelsDisagree {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Bytes that would be right.
        expected: u64,
        /// Bytes that were given.
        actual: usize,
    },
    /// A size of zero, or one no encoder can hold.
    #[error("{width}x{height} is not a size a picture can have")]
    SizeOutOfRange {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// A quality outside 1–100.
    #[error("quality {quality} is outside 1..=100")]
    QualityOutOfRange {
        /// What was asked for.
        quality: u8,
    },
    /// A palette of fewer than 2 or more than 256 colours.
    #[error("a palette has 2 to 256 colours, not {colors}")]
    ColorsOutOfRange {
        /// What was asked for.
        colors: u16,
    },
    /// An encoder gave up.
    #[error("the picture cannot be written as {format}: {reason}")]
    Encoder {
        /// The format asked for.
        format: FileFormat,
        /// What the encoder objected to.
        reason: String,
    },
}
