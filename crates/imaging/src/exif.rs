//! What a camera wrote into a file: a small reader of TIFF directories.
//!
//! Metadata is a courtesy: what is damaged is left out and nothing fails.

/// Entries read of one directory; cameras write a few dozen.
const MAX_ENTRIES: usize = 256;
/// Longest text kept, in characters.
const MAX_TEXT: usize = 128;

/// What a camera wrote about a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exif {
    /// How the camera was held: 1 to 8; `None` where nothing valid stands.
    pub orientation: Option<u8>,
    /// Maker of the camera.
    pub make: Option<String>,
    /// Model of the camera.
    pub model: Option<String>,
    /// Model of the lens.
    pub lens: Option<String>,
    /// When it was taken: `2026-05-01T12:30:00`, with an offset where known.
    pub taken_at: Option<String>,
    /// Exposure time in seconds, as a fraction.
    pub exposure_time: Option<(u32, u32)>,
    /// Aperture as an f-number.
    pub f_number: Option<f64>,
    /// Sensitivity.
    pub iso: Option<u32>,
    /// Focal length in millimetres.
    pub focal_length_mm: Option<f64>,
    /// Where it was taken.
    pub place: Option<Place>,
}

/// A place on Earth (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Metres above the sea.
    pub altitude_m: Option<f64>,
}

impl Exif {
    /// Reads a TIFF block, as it stands in an `eXIf` chunk or after the six
    /// bytes that open a JPEG's segment.
    #[must_use]
    pub fn parse(block: &[u8]) -> Self {
        let block = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
        Tiff::open(block)
            .map(|tiff| tiff.read())
            .unwrap_or_default()
    }
}

struct Tiff<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

#[derive(Clone, Copy)]
struct Entry<'a> {
    tag: u16,
    kind: u16,
    value: &'a [u8],
}

impl<'a> Tiff<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let big_endian = match bytes.get(..4)? {
            b"II*\0" => false,
            b"MM\0*" => true,
            _ => return None,
        };
        Some(Self { bytes, big_endian })
    }

    fn u16(&self, bytes: &[u8]) -> Option<u16> {
        let two = bytes.first_chunk::<2>()?;
        Some(if self.big_endian {
            u16::from_be_bytes(*two)
        } else {
            u16::from_le_bytes(*two)
        })
    }

    fn u32(&self, bytes: &[u8]) -> Option<u32> {
        let four = bytes.first_chunk::<4>()?;
        Some(if self.big_endian {
            u32::from_be_bytes(*four)
        } else {
            u32::from_le_bytes(*four)
        })
    }

    /// The entries of the directory at an offset. Directories are looked up
    /// one by one and never followed in chains, so none is read for ever.
    fn directory(&self, at: usize) -> Vec<Entry<'a>> {
        let Some(count) = self.bytes.get(at..).and_then(|bytes| self.u16(bytes)) else {
            return Vec::new();
        };
        (0..usize::from(count).min(MAX_ENTRIES))
            .map_while(|index| self.bytes.get(at + 2 + index * 12..at + 14 + index * 12))
            .filter_map(|entry| self.entry(entry))
            .collect()
    }

    fn entry(&self, entry: &'a [u8]) -> Option<Entry<'a>> {
        let kind = self.u16(&entry[2..])?;
        let unit = match kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 => 4,
            5 | 10 | 12 => 8,
            _ => return None,
        };
        let length = (self.u32(&entry[4..])? as usize).checked_mul(unit)?;
        let value = if length <= 4 {
            &entry[8..8 + length]
        } else {
            let at = self.u32(&entry[8..])? as usize;
            self.bytes.get(at..at.checked_add(length)?)?
        };
        Some(Entry {
            tag: self.u16(entry)?,
            kind,
            value,
        })
    }

    fn number(&self, entry: Entry<'_>) -> Option<u32> {
        match entry.kind {
            1 | 7 => entry.value.first().map(|&byte| u32::from(byte)),
            3 => self.u16(entry.value).map(u32::from),
            4 => self.u32(entry.value),
            _ => None,
        }
    }

    fn fraction(&self, entry: Entry<'_>, index: usize) -> Option<(u32, u32)> {
        let pair = entry.value.get(index * 8..index * 8 + 8)?;
        (entry.kind == 5).then_some((self.u32(pair)?, self.u32(&pair[4..])?))
    }

    fn ratio(&self, entry: Entry<'_>, index: usize) -> Option<f64> {
        let (over, under) = self.fraction(entry, index)?;
        (under != 0).then(|| f64::from(over) / f64::from(under))
    }

    fn read(&self) -> Exif {
        let mut exif = Exif::default();
        let Some(first) = self.bytes.get(4..).and_then(|bytes| self.u32(bytes)) else {
            return exif;
        };
        let (mut details, mut gps) = (None, None);
        for entry in self.directory(first as usize) {
            match entry.tag {
                0x010F => exif.make = text(entry),
                0x0110 => exif.model = text(entry),
                0x0112 => {
                    exif.orientation = self
                        .number(entry)
                        .and_then(|number| u8::try_from(number).ok())
                        .filter(|number| (1..=8).contains(number));
                }
                0x8769 => details = self.number(entry),
                0x8825 => gps = self.number(entry),
                _ => {}
            }
        }
        if let Some(at) = details {
            self.read_details(at as usize, &mut exif);
        }
        if let Some(at) = gps {
            exif.place = self.read_place(at as usize);
        }
        exif
    }

    fn read_details(&self, at: usize, exif: &mut Exif) {
        let (mut taken, mut offset) = (None, None);
        for entry in self.directory(at) {
            match entry.tag {
                0x829A => {
                    exif.exposure_time = self
                        .fraction(entry, 0)
                        .filter(|(over, under)| *over != 0 && *under != 0);
                }
                0x829D => exif.f_number = self.ratio(entry, 0).filter(|f| *f > 0.0 && *f < 1e3),
                0x8827 => exif.iso = self.number(entry).filter(|iso| *iso > 0),
                0x9003 => taken = text(entry),
                0x9011 => offset = text(entry),
                0x920A => {
                    exif.focal_length_mm = self.ratio(entry, 0).filter(|mm| *mm > 0.0 && *mm < 1e5);
                }
                0xA434 => exif.lens = text(entry),
                _ => {}
            }
        }
        exif.taken_at = taken.and_then(|taken| moment(&taken, offset.as_deref()));
    }

    fn read_place(&self, at: usize) -> Option<Place> {
        let entries = self.directory(at);
        let find = |tag| entries.iter().copied().find(|entry| entry.tag == tag);
        let degrees = |tag| {
            let entry = find(tag)?;
            let part = |index| self.ratio(entry, index);
            Some(part(0)? + part(1)? / 60.0 + part(2)? / 3600.0)
        };
        let letter = |tag| find(tag).and_then(|entry| entry.value.first().copied());
        let signed = |value: f64, negative| if negative { -value } else { value };
        let latitude = signed(degrees(2)?, letter(1)? == b'S');
        let longitude = signed(degrees(4)?, letter(3)? == b'W');
        let below = find(5).and_then(|entry| entry.value.first()) == Some(&1);
        let altitude_m = find(6)
            .and_then(|entry| self.ratio(entry, 0))
            .map(|metres| signed(metres, below));
        (latitude.abs() <= 90.0 && longitude.abs() <= 180.0).then_some(Place {
            latitude,
            longitude,
            altitude_m,
        })
    }
}

/// A text up to its end mark, without what is no letter, mark or space.
fn text(entry: Entry<'_>) -> Option<String> {
    if entry.kind != 2 {
        return None;
    }
    let end = entry.value.iter().position(|&byte| byte == 0);
    let bytes = &entry.value[..end.unwrap_or(entry.value.len())];
    let clean: String = String::from_utf8_lossy(bytes)
        .chars()
        .filter(|c| !c.is_control() && *c != char::REPLACEMENT_CHARACTER)
        .take(MAX_TEXT)
        .collect();
    let clean = clean.trim();
    (!clean.is_empty()).then(|| clean.to_owned())
}

/// `2026:05:01 12:30:00` as `2026-05-01T12:30:00`.
fn moment(text: &str, offset: Option<&str>) -> Option<String> {
    let fits = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| {
                if wanted == b'0' {
                    byte.is_ascii_digit()
                } else {
                    byte == wanted
                }
            })
    };
    if !fits(text, "0000:00:00 00:00:00") {
        return None;
    }
    let part = |from: usize, to: usize| text[from..to].parse::<u32>().unwrap_or(u32::MAX);
    let real = (1..=12).contains(&part(5, 7))
        && (1..=31).contains(&part(8, 10))
        && part(11, 13) < 24
        && part(14, 16) < 60
        && part(17, 19) <= 60;
    let zone = offset.filter(|offset| fits(offset, "+00:00") || fits(offset, "-00:00"));
    real.then(|| {
        let date = text[..10].replace(':', "-");
        format!("{date}T{}{}", &text[11..], zone.unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::{Exif, moment};

    #[test]
    fn only_a_real_moment_is_told() {
        let told = |text, offset| moment(text, offset);
        assert_eq!(
            told("2026:05:01 12:30:00", Some("+02:00")).as_deref(),
            Some("2026-05-01T12:30:00+02:00")
        );
        assert_eq!(
            told("2026:05:01 12:30:00", Some("east")).as_deref(),
            Some("2026-05-01T12:30:00")
        );
        for bad in [
            "0000:00:00 00:00:00",
            "2026-05-01 12:30:00",
            "",
            "    :  :     :  :  ",
        ] {
            assert_eq!(told(bad, None), None, "{bad}");
        }
    }

    #[test]
    fn damage_gives_nothing_and_no_panic() {
        let whole = b"MM\0*\0\0\0\x08\0\x02\x01\x0F\0\x02\xFF\xFF\xFF\xFF\0\0\0\0\x87\x69\0\x04\0\0\0\x01\0\0\0\x08";
        for length in 0..=whole.len() {
            assert_eq!(Exif::parse(&whole[..length]).make, None);
        }
    }
}
