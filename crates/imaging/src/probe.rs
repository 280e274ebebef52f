//! What a file is, from its first bytes alone.

use crate::{Error, FileFormat, SourceFormat};

/// What a file's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The format.
    pub format: FileFormat,
    /// Width in pixels, as stored.
    pub width: u32,
    /// Height in pixels, as stored.
    pub height: u32,
    /// Frames of an animation; 1 for a still picture.
    pub frames: u32,
}

/// What the header of any readable file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) format: SourceFormat,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) frames: u32,
}

/// Reads format and size without decoding pixels or allocating.
///
/// # Errors
/// [`Error::UnknownFormat`] or [`Error::Unsupported`] for anything but the
/// formats that are written too, and [`Error::Malformed`] where the header is
/// cut short or contradicts itself.
pub fn probe(bytes: &[u8]) -> Result<Probe, Error> {
    let Header {
        format,
        width,
        height,
        frames,
    } = header(bytes)?;
    Ok(Probe {
        format: match format {
            SourceFormat::Png => FileFormat::Png,
            SourceFormat::Jpeg => FileFormat::Jpeg,
            SourceFormat::WebP => FileFormat::WebP,
            SourceFormat::Gif => return Err(Error::Unsupported { name: "GIF" }),
        },
        width,
        height,
        frames,
    })
}

/// As [`probe`], for every format that is read.
pub(crate) fn header(bytes: &[u8]) -> Result<Header, Error> {
    match SourceFormat::sniff(bytes)? {
        SourceFormat::Png => probe_png(bytes),
        SourceFormat::Jpeg => probe_jpeg(bytes),
        SourceFormat::WebP => probe_webp(bytes),
        SourceFormat::Gif => crate::gif::header(bytes),
    }
}

fn malformed(format: SourceFormat, reason: &str) -> Error {
    Error::Malformed {
        format,
        reason: reason.to_owned(),
    }
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
}

fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u32::from(u16::from_be_bytes([two[0], two[1]])))
}

fn probe_png(bytes: &[u8]) -> Result<Header, Error> {
    let cut = || malformed(SourceFormat::Png, "the header is cut short");
    if bytes.get(12..16) != Some(b"IHDR") {
        return Err(malformed(SourceFormat::Png, "the first chunk is not IHDR"));
    }
    let width = be32(bytes, 16).ok_or_else(cut)?;
    let height = be32(bytes, 20).ok_or_else(cut)?;
    // An animation announces its frames, and then they are counted: whichever
    // is more holds.
    let mut at = 8_usize;
    let (mut announced, mut found) = (1, 0_u32);
    while let (Some(length), Some(kind)) = (be32(bytes, at), bytes.get(at + 4..at + 8)) {
        match kind {
            b"acTL" => announced = be32(bytes, at + 8).ok_or_else(cut)?.max(1),
            b"fcTL" => found += 1,
            b"IEND" => break,
            _ => {}
        }
        let Some(next) = at
            .checked_add(length as usize)
            .and_then(|n| n.checked_add(12))
        else {
            break;
        };
        at = next;
    }
    Ok(Header {
        format: SourceFormat::Png,
        width,
        height,
        frames: announced.max(found),
    })
}

fn probe_jpeg(bytes: &[u8]) -> Result<Header, Error> {
    let cut = || malformed(SourceFormat::Jpeg, "no frame header was found");
    let mut at = 2_usize;
    loop {
        while bytes.get(at) == Some(&0xFF) && bytes.get(at + 1) == Some(&0xFF) {
            at += 1;
        }
        if bytes.get(at) != Some(&0xFF) {
            return Err(cut());
        }
        let marker = *bytes.get(at + 1).ok_or_else(cut)?;
        match marker {
            // Markers without a length.
            0x01 | 0xD0..=0xD8 => at += 2,
            // End of image or start of scan before any frame header.
            0xD9 | 0xDA => return Err(cut()),
            // Frame headers; C4, C8 and CC share the range but are tables.
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                return Ok(Header {
                    format: SourceFormat::Jpeg,
                    height: be16(bytes, at + 5).ok_or_else(cut)?,
                    width: be16(bytes, at + 7).ok_or_else(cut)?,
                    frames: 1,
                });
            }
            _ => at += 2 + be16(bytes, at + 2).ok_or_else(cut)? as usize,
        }
    }
}

fn probe_webp(bytes: &[u8]) -> Result<Header, Error> {
    let cut = || malformed(SourceFormat::WebP, "the header is cut short");
    let le24 = |at: usize| -> Option<u32> {
        let three = bytes.get(at..at + 3)?;
        Some(u32::from(three[0]) | u32::from(three[1]) << 8 | u32::from(three[2]) << 16)
    };
    let (width, height) = match bytes.get(12..16).ok_or_else(cut)? {
        b"VP8 " => (
            le24(26).ok_or_else(cut)? & 0x3FFF,
            le24(28)
                .or_else(|| le24(27).map(|v| v >> 8))
                .ok_or_else(cut)?
                & 0x3FFF,
        ),
        b"VP8L" => {
            let bits = le24(21).ok_or_else(cut)? | u32::from(*bytes.get(24).ok_or_else(cut)?) << 24;
            ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        }
        b"VP8X" => (le24(24).ok_or_else(cut)? + 1, le24(27).ok_or_else(cut)? + 1),
        _ => return Err(malformed(SourceFormat::WebP, "unknown first chunk")),
    };
    Ok(Header {
        format: SourceFormat::WebP,
        width,
        height,
        frames: count_webp_frames(bytes),
    })
}

/// Walks the chunks of a WebP file; stills have no `ANMF` chunk.
fn count_webp_frames(bytes: &[u8]) -> u32 {
    let mut at = 12_usize;
    let mut frames = 0_u32;
    while let (Some(kind), Some(length)) = (bytes.get(at..at + 4), bytes.get(at + 4..at + 8)) {
        if kind == b"ANMF" {
            frames += 1;
        }
        let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize;
        let Some(next) = at.checked_add(8 + length + (length & 1)) else {
            break;
        };
        at = next;
    }
    frames.max(1)
}
