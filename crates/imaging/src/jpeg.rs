//! The segments of a JPEG file, walked before any decoder sees it.

use crate::profile::MAX_PROFILE_BYTES;
use crate::{Error, SourceFormat};

/// Most scans of a progressive file. Encoders write about ten; each costs a
/// pass over the whole picture, however few bytes it has.
const MAX_SCANS: usize = 64;

/// How the colours of a JPEG are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JpegColour {
    Gray,
    YCbCr,
    Rgb,
    /// Inverted inks, as Adobe writes them.
    Cmyk,
    /// The same, with the first three inks as lightness and colour.
    Ycck,
}

/// What the segments say.
pub(crate) struct Structure<'a> {
    pub(crate) colour: JpegColour,
    /// Colour is stored at less than full resolution.
    pub(crate) subsampled: bool,
    /// The TIFF block with metadata.
    pub(crate) exif: Option<&'a [u8]>,
    /// The colour profile, put together.
    pub(crate) icc: Option<Vec<u8>>,
}

#[derive(Default)]
struct Walk<'a> {
    components: Vec<[u8; 2]>,
    adobe_transform: Option<u8>,
    exif: Option<&'a [u8]>,
    icc: Vec<(u8, u8, &'a [u8])>,
    scans: usize,
}

impl<'a> Structure<'a> {
    /// Walks from the first marker to the end mark. What follows that is not
    /// looked at: cameras append previews and films.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut walk = Walk::default();
        let mut at = 2;
        loop {
            let (marker, after) = marker(bytes, at).ok_or_else(cut)?;
            match marker {
                0x01 | 0xD0..=0xD8 => at = after,
                0xD9 => return walk.finish(),
                _ => {
                    let body = segment(bytes, after).ok_or_else(cut)?;
                    at = after + 2 + body.len();
                    walk.segment(marker, body)?;
                    if marker == 0xDA {
                        at = skip_scan(bytes, at).ok_or_else(cut)?;
                    }
                }
            }
        }
    }
}

impl<'a> Walk<'a> {
    fn segment(&mut self, marker: u8, body: &'a [u8]) -> Result<(), Error> {
        match marker {
            0xC0..=0xC2 => {
                if !self.components.is_empty() {
                    return Err(malformed("it has two frame headers"));
                }
                if body.first() != Some(&8) {
                    return Err(malformed("only 8 bits a channel are read"));
                }
                let listed = body.get(6..).unwrap_or_default();
                self.components = listed
                    .chunks_exact(3)
                    .map(|component| [component[0], component[1]])
                    .collect();
                if self.components.len() != usize::from(body.get(5).copied().unwrap_or(0)) {
                    return Err(malformed("its frame header contradicts itself"));
                }
            }
            0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                return Err(malformed(
                    "lossless, hierarchical and arithmetic coding are not read",
                ));
            }
            0xDA => {
                self.scans += 1;
                if self.components.is_empty() {
                    return Err(malformed("a scan precedes the frame header"));
                }
                if self.scans > MAX_SCANS {
                    return Err(malformed("it has too many scans"));
                }
            }
            0xE1 if self.exif.is_none() => self.exif = body.strip_prefix(b"Exif\0\0"),
            0xE2 => {
                if let Some([number, count, part @ ..]) = body.strip_prefix(b"ICC_PROFILE\0") {
                    self.icc.push((*number, *count, part));
                }
            }
            0xEE if body.starts_with(b"Adobe") => {
                self.adobe_transform = body.get(11).copied();
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<Structure<'a>, Error> {
        if self.scans == 0 {
            return Err(malformed("it has no picture data"));
        }
        let ids: Vec<u8> = self.components.iter().map(|[id, _]| *id).collect();
        let colour = match (ids.len(), self.adobe_transform) {
            (1, _) => JpegColour::Gray,
            (3, Some(0)) => JpegColour::Rgb,
            (3, _) if ids == *b"RGB" => JpegColour::Rgb,
            (3, _) => JpegColour::YCbCr,
            (4, Some(2)) => JpegColour::Ycck,
            (4, _) => JpegColour::Cmyk,
            _ => return Err(malformed("it has neither 1, 3 nor 4 components")),
        };
        let first = self.components.first().map(|[_, sampling]| *sampling);
        Ok(Structure {
            colour,
            subsampled: self
                .components
                .iter()
                .any(|[_, sampling]| Some(*sampling) != first),
            exif: self.exif,
            icc: profile(self.icc),
        })
    }
}

/// Puts the parts of a profile together; `None` where one is missing.
fn profile(mut parts: Vec<(u8, u8, &[u8])>) -> Option<Vec<u8>> {
    parts.sort_by_key(|(number, _, _)| *number);
    let count = parts.first()?.1;
    let complete = parts.len() == usize::from(count)
        && (1..=count).eq(parts.iter().map(|(number, _, _)| *number));
    let length: usize = parts.iter().map(|(_, _, part)| part.len()).sum();
    (complete && length <= MAX_PROFILE_BYTES).then(|| {
        parts
            .iter()
            .flat_map(|(_, _, part)| *part)
            .copied()
            .collect()
    })
}

/// The marker at a place, and where its segment begins.
fn marker(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let fill = bytes
        .get(at..)?
        .iter()
        .take_while(|&&byte| byte == 0xFF)
        .count();
    if fill == 0 {
        return None;
    }
    Some((*bytes.get(at + fill)?, at + fill + 1))
}

/// What a segment holds besides its length.
fn segment(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let length = usize::from(u16::from_be_bytes(*bytes.get(at..)?.first_chunk::<2>()?));
    bytes.get(at + 2..at + length.max(2))
}

/// Where the marker after a scan's data stands.
fn skip_scan(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == 0xFF)?;
        match bytes.get(at + 1)? {
            0x00 | 0xD0..=0xD7 => at += 2,
            0xFF => at += 1,
            _ => return Some(at),
        }
    }
}

fn cut() -> Error {
    malformed("the file is cut short or damaged")
}

fn malformed(reason: &str) -> Error {
    Error::Malformed {
        format: SourceFormat::Jpeg,
        reason: reason.to_owned(),
    }
}
