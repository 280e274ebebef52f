//! Archives whose files are known by length and checksum.

use std::ops::Range;

use crate::record::{Record, central_header, end_records, local_header};
use crate::time::DosTime;

/// A file to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path in the archive.
    pub name: String,
    /// In bytes.
    pub length: u64,
    /// Its checksum; see [`crc32`](crate::crc32).
    pub crc32: u32,
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
pub enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// These bytes of the file of this number, whose length is the last.
    File(usize, Range<u64>, u64),
}

/// Where everything stands.
#[derive(Debug, Clone)]
pub struct Layout {
    stretches: Vec<Stretch>,
    size: u64,
}

impl Layout {
    /// One file alone, without an archive around it.
    #[must_use]
    pub fn bare(length: u64) -> Self {
        Self {
            stretches: vec![Stretch::File(0, length)],
            size: length,
        }
    }

    /// An archive of these files, in order.
    #[must_use]
    pub fn archive(entries: &[Entry], modified: DosTime) -> Self {
        let mut stretches = Vec::with_capacity(entries.len() * 2 + 1);
        let mut central = Vec::new();
        let mut offset = 0;
        for (index, entry) in entries.iter().enumerate() {
            let record = Record {
                name: &entry.name,
                length: entry.length,
                crc32: entry.crc32,
                modified,
                follows: false,
            };
            central.extend(central_header(&record, offset));
            let header = local_header(&record);
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
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The pieces of a part of it, in order.
    #[must_use]
    pub fn pieces(&self, part: Range<u64>) -> Vec<Piece> {
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
            let inner = start - begin..stop - begin;
            pieces.push(match stretch {
                Stretch::Bytes(bytes) => Piece::Bytes(cut(bytes, &inner)),
                Stretch::File(index, length) => Piece::File(*index, inner, *length),
            });
        }
        pieces
    }
}

fn cut(bytes: &[u8], part: &Range<u64>) -> Vec<u8> {
    let place = |at: u64| usize::try_from(at).unwrap_or(bytes.len()).min(bytes.len());
    bytes[place(part.start)..place(part.end)].to_vec()
}
