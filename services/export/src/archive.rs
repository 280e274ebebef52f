//! The layout of a ZIP whose files are known by length and checksum alone.
//!
//! Pictures do not compress, so they are stored as they are; then every byte
//! of the archive has its place before the first is sent: a download has a
//! length, any range of it can be had, and the same export is always the same
//! bytes. The format is PKWARE's APPNOTE 6.3, sections 4.3 and 4.5.3 (ZIP64).

use crate::domain::Slice;

/// What does not fit in 32 bits is told in a ZIP64 record.
const LIMIT_32: u64 = 0xFFFF_FFFF;
/// And in 16 bits.
const LIMIT_16: u64 = 0xFFFF;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
/// 2.0: folders and plain files; 4.5: ZIP64.
const VERSION: u16 = 20;
const VERSION_64: u16 = 45;
/// Written by Unix, so that the mode below counts.
const MADE_BY: u16 = 3 << 8;
/// A plain file that its owner writes and everybody reads.
const MODE: u32 = 0o100_644 << 16;

/// A file to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) length: u64,
    pub(crate) crc32: u32,
}

/// A date and time as MS-DOS has them, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DosTime {
    date: u16,
    time: u16,
}

impl DosTime {
    /// From milliseconds since 1970. What lies outside 1980–2107 is 1980.
    pub(crate) fn of(unix_ms: i64) -> Self {
        let seconds = unix_ms.div_euclid(1000);
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let narrow = |value: i64| u16::try_from(value).unwrap_or(0);
        if !(1980..=2107).contains(&year) {
            return Self {
                date: (1 << 5) | 1,
                time: 0,
            };
        }
        Self {
            date: (narrow(year - 1980) << 9) | (narrow(month) << 5) | narrow(day),
            time: (narrow(second / 3600) << 11)
                | (narrow(second / 60 % 60) << 5)
                | narrow(second % 60 / 2),
        }
    }
}

/// Year, month and day of a number of days since 1970, by the era of 400 years
/// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// A stretch of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stretch {
    /// Headers.
    Bytes(Vec<u8>),
    /// The file of this number.
    File(usize, u64),
}

impl Stretch {
    fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, length) => *length,
        }
    }
}

/// A piece to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// These bytes of the file of this number, whose length is the last.
    File(usize, Slice, u64),
}

/// Where everything stands.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    stretches: Vec<Stretch>,
    size: u64,
}

impl Layout {
    /// One file alone, without an archive around it.
    pub(crate) fn bare(length: u64) -> Self {
        Self {
            stretches: vec![Stretch::File(0, length)],
            size: length,
        }
    }

    /// An archive of these files, in order.
    pub(crate) fn archive(entries: &[Entry], modified: DosTime) -> Self {
        let mut stretches = Vec::with_capacity(entries.len() * 2 + 1);
        let mut central = Vec::new();
        let mut offset = 0;
        for (index, entry) in entries.iter().enumerate() {
            central.extend(central_header(entry, modified, offset));
            let header = local_header(entry, modified);
            offset += header.len() as u64 + entry.length;
            stretches.push(Stretch::Bytes(header));
            stretches.push(Stretch::File(index, entry.length));
        }
        let length = central.len() as u64;
        central.extend(end_records(entries.len() as u64, offset, length));
        let size = offset + central.len() as u64;
        stretches.push(Stretch::Bytes(central));
        Self { stretches, size }
    }

    /// Length in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The pieces of a part of it, in order.
    pub(crate) fn pieces(&self, part: Slice) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut at = 0;
        for stretch in &self.stretches {
            let (begin, end) = (at, at + stretch.length());
            at = end;
            let start = part.start.max(begin);
            let stop = part.end.min(end);
            if start >= stop {
                continue;
            }
            let inner = Slice {
                start: start - begin,
                end: stop - begin,
            };
            pieces.push(match stretch {
                Stretch::Bytes(bytes) => Piece::Bytes(cut(bytes, inner)),
                Stretch::File(index, length) => Piece::File(*index, inner, *length),
            });
        }
        pieces
    }
}

fn cut(bytes: &[u8], part: Slice) -> Vec<u8> {
    let place = |at: u64| usize::try_from(at).unwrap_or(bytes.len()).min(bytes.len());
    bytes[place(part.start)..place(part.end)].to_vec()
}

/// A number in 32 bits, or the sign that it stands in the ZIP64 record.
fn in_32(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// What the header before a file and its twin in the directory share.
fn common(out: &mut Vec<u8>, entry: &Entry, modified: DosTime, version: u16, extra: usize) {
    out.extend(version.to_le_bytes());
    out.extend(UTF8.to_le_bytes());
    // Stored.
    out.extend(0_u16.to_le_bytes());
    out.extend(modified.time.to_le_bytes());
    out.extend(modified.date.to_le_bytes());
    out.extend(entry.crc32.to_le_bytes());
    out.extend(in_32(entry.length).to_le_bytes());
    out.extend(in_32(entry.length).to_le_bytes());
    let narrow = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
    out.extend(narrow(entry.name.len()).to_le_bytes());
    out.extend(narrow(extra).to_le_bytes());
}

/// The ZIP64 extra field of the numbers that did not fit.
fn extra(numbers: &[u64]) -> Vec<u8> {
    if numbers.is_empty() {
        return Vec::new();
    }
    let length = u16::try_from(numbers.len() * 8).unwrap_or(u16::MAX);
    let mut out = Vec::from(1_u16.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    out
}

fn local_header(entry: &Entry, modified: DosTime) -> Vec<u8> {
    let is_large = entry.length >= LIMIT_32;
    let lengths = [entry.length; 2];
    let extra = extra(if is_large { &lengths } else { &[] });
    let mut out = Vec::from(0x0403_4b50_u32.to_le_bytes());
    let version = if is_large { VERSION_64 } else { VERSION };
    common(&mut out, entry, modified, version, extra.len());
    out.extend(entry.name.as_bytes());
    out.extend(extra);
    out
}

fn central_header(entry: &Entry, modified: DosTime, offset: u64) -> Vec<u8> {
    let mut numbers = Vec::new();
    if entry.length >= LIMIT_32 {
        numbers.extend([entry.length, entry.length]);
    }
    if offset >= LIMIT_32 {
        numbers.push(offset);
    }
    let version = if numbers.is_empty() {
        VERSION
    } else {
        VERSION_64
    };
    let extra = extra(&numbers);
    let mut out = Vec::from(0x0201_4b50_u32.to_le_bytes());
    out.extend((MADE_BY | version).to_le_bytes());
    common(&mut out, entry, modified, version, extra.len());
    // No comment, on the first disk, not a text.
    out.extend([0_u16; 3].iter().flat_map(|zero| zero.to_le_bytes()));
    out.extend(MODE.to_le_bytes());
    out.extend(in_32(offset).to_le_bytes());
    out.extend(entry.name.as_bytes());
    out.extend(extra);
    out
}

/// What ends the archive: where its directory stands.
fn end_records(count: u64, offset: u64, length: u64) -> Vec<u8> {
    let mut out = Vec::new();
    if count >= LIMIT_16 || offset >= LIMIT_32 || length >= LIMIT_32 {
        out.extend(0x0606_4b50_u32.to_le_bytes());
        // The rest of this record.
        out.extend(44_u64.to_le_bytes());
        out.extend((MADE_BY | VERSION_64).to_le_bytes());
        out.extend(VERSION_64.to_le_bytes());
        out.extend([0_u32; 2].iter().flat_map(|disk| disk.to_le_bytes()));
        for number in [count, count, length, offset] {
            out.extend(number.to_le_bytes());
        }
        out.extend(0x0706_4b50_u32.to_le_bytes());
        out.extend(0_u32.to_le_bytes());
        out.extend((offset + length).to_le_bytes());
        out.extend(1_u32.to_le_bytes());
    }
    let narrow = u16::try_from(count).unwrap_or(u16::MAX);
    out.extend(0x0605_4b50_u32.to_le_bytes());
    out.extend([0_u16; 2].iter().flat_map(|disk| disk.to_le_bytes()));
    out.extend([narrow; 2].iter().flat_map(|count| count.to_le_bytes()));
    out.extend(in_32(length).to_le_bytes());
    out.extend(in_32(offset).to_le_bytes());
    // No comment.
    out.extend(0_u16.to_le_bytes());
    out
}

#[cfg(test)]
mod tests;
