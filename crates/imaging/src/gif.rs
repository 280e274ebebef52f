//! The blocks of a GIF file, walked before any decoder sees it.

use crate::probe::Header;
use crate::{Error, SourceFormat};

/// Length of signature and screen descriptor.
const HEAD_BYTES: usize = 13;

/// Reads the size and counts the frames. A frame that reaches beyond the
/// screen is a lie, and refused.
pub(crate) fn header(bytes: &[u8]) -> Result<Header, Error> {
    let cut = || malformed("the header is cut short");
    let head = bytes.get(..HEAD_BYTES).ok_or_else(cut)?;
    let (width, height) = (le16(head, 6), le16(head, 8));
    let mut at = HEAD_BYTES + table_bytes(head[10]);
    let mut frames = 0_u32;
    loop {
        match bytes.get(at) {
            Some(0x21) => at = skip_blocks(bytes, at + 2),
            Some(0x2C) => {
                let Some(frame) = bytes.get(at + 1..at + 10) else {
                    break;
                };
                let (left, top) = (le16(frame, 0), le16(frame, 2));
                let (wide, high) = (le16(frame, 4), le16(frame, 6));
                if left + wide > width || top + high > height {
                    return Err(malformed("a frame reaches beyond the picture"));
                }
                frames += 1;
                // The colour table, then the width of codes, then the data.
                at = skip_blocks(bytes, at + 10 + table_bytes(frame[8]) + 1);
            }
            Some(0x3B) | None => break,
            Some(_) => return Err(malformed("an unknown block follows")),
        }
    }
    if frames == 0 {
        return Err(malformed("it has no picture"));
    }
    Ok(Header {
        format: SourceFormat::Gif,
        width,
        height,
        frames,
    })
}

fn le16(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

/// Bytes of the colour table that a packed field announces.
fn table_bytes(packed: u8) -> usize {
    if packed & 0x80 == 0 {
        0
    } else {
        3 << ((packed & 7) + 1)
    }
}

/// Skips data blocks up to the empty one.
fn skip_blocks(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&length) = bytes.get(at) {
        at += 1 + usize::from(length);
        if length == 0 {
            break;
        }
    }
    at
}

fn malformed(reason: &str) -> Error {
    Error::Malformed {
        format: SourceFormat::Gif,
        reason: reason.to_owned(),
    }
}
