//! The records that an archive is made of.

use crate::time::DosTime;

/// What does not fit in 32 bits is told in a ZIP64 record.
pub(crate) const LIMIT_32: u64 = 0xFFFF_FFFF;
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

/// Checksum and lengths stand behind the file.
const FOLLOWS: u16 = 1 << 3;

/// A file as the records tell of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) name: &'a str,
    pub(crate) length: u64,
    pub(crate) crc32: u32,
    pub(crate) modified: DosTime,
    /// What is not known before the file stands behind it.
    pub(crate) follows: bool,
}

/// A number in 32 bits, or the sign that it stands in the ZIP64 record.
fn in_32(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// What the header before a file and its twin in the directory share.
fn common(out: &mut Vec<u8>, record: &Record<'_>, version: u16, extra: usize) {
    out.extend(version.to_le_bytes());
    let follows = if record.follows { FOLLOWS } else { 0 };
    out.extend((UTF8 | follows).to_le_bytes());
    // Stored.
    out.extend(0_u16.to_le_bytes());
    out.extend(record.modified.time.to_le_bytes());
    out.extend(record.modified.date.to_le_bytes());
    out.extend(record.crc32.to_le_bytes());
    out.extend(in_32(record.length).to_le_bytes());
    out.extend(in_32(record.length).to_le_bytes());
    let narrow = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
    out.extend(narrow(record.name.len()).to_le_bytes());
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

/// What stands before a file.
pub(crate) fn local_header(record: &Record<'_>) -> Vec<u8> {
    let unknown = Record {
        length: 0,
        crc32: 0,
        ..*record
    };
    let record = if record.follows { &unknown } else { record };
    let is_large = record.length >= LIMIT_32;
    let lengths = [record.length; 2];
    let extra = extra(if is_large { &lengths } else { &[] });
    let mut out = Vec::from(0x0403_4b50_u32.to_le_bytes());
    let version = if is_large { VERSION_64 } else { VERSION };
    common(&mut out, record, version, extra.len());
    out.extend(record.name.as_bytes());
    out.extend(extra);
    out
}

/// What stands in the directory of a file.
pub(crate) fn central_header(record: &Record<'_>, offset: u64) -> Vec<u8> {
    let mut numbers = Vec::new();
    if record.length >= LIMIT_32 {
        numbers.extend([record.length, record.length]);
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
    common(&mut out, record, version, extra.len());
    // No comment, on the first disk, not a text.
    out.extend([0_u16; 3].iter().flat_map(|zero| zero.to_le_bytes()));
    out.extend(MODE.to_le_bytes());
    out.extend(in_32(offset).to_le_bytes());
    out.extend(record.name.as_bytes());
    out.extend(extra);
    out
}

/// What ends the archive: where its directory stands.
pub(crate) fn end_records(count: u64, offset: u64, length: u64) -> Vec<u8> {
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

/// What stands behind a file whose length was not known before it; shorter
/// than 4 GiB.
pub(crate) fn descriptor(record: &Record<'_>) -> Vec<u8> {
    let mut out = Vec::from(0x0807_4b50_u32.to_le_bytes());
    for number in [record.crc32, in_32(record.length), in_32(record.length)] {
        out.extend(number.to_le_bytes());
    }
    out
}
