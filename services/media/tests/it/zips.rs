//! ZIP archives made by hand, also such as no program makes.

use std::io::Write as _;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

const STORE: u16 = 0;
const DEFLATE: u16 = 8;
const FLAG_ENCRYPTED: u16 = 1;
const FLAG_DESCRIPTOR: u16 = 1 << 3;
const UNIX: u16 = 3 << 8;
const LINK_MODE: u32 = 0o120_777 << 16;

/// A file in an archive, and what is said of it.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) name: Vec<u8>,
    /// As it stands in the archive.
    packed: Vec<u8>,
    method: u16,
    flags: u16,
    crc: u32,
    pub(crate) stated_bytes: u64,
    external: u32,
    is_zip64: bool,
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

impl File {
    pub(crate) fn stored(name: &str, content: &[u8]) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            packed: content.to_vec(),
            method: STORE,
            flags: 0,
            crc: crc(content),
            stated_bytes: content.len() as u64,
            external: 0,
            is_zip64: false,
        }
    }

    pub(crate) fn deflated(name: &str, content: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        Self {
            packed: encoder.finish().unwrap(),
            method: DEFLATE,
            ..Self::stored(name, content)
        }
    }

    pub(crate) fn encrypted(mut self) -> Self {
        self.flags |= FLAG_ENCRYPTED;
        self
    }

    /// Lengths and checksum follow the content.
    pub(crate) fn with_descriptor(mut self) -> Self {
        self.flags |= FLAG_DESCRIPTOR;
        self
    }

    /// Lengths and place stand in fields of 64 bits.
    pub(crate) fn in_zip64(mut self) -> Self {
        self.is_zip64 = true;
        self
    }

    pub(crate) fn link(mut self) -> Self {
        self.external = LINK_MODE;
        self
    }

    pub(crate) fn method(mut self, method: u16) -> Self {
        self.method = method;
        self
    }

    pub(crate) fn states(mut self, bytes: u64) -> Self {
        self.stated_bytes = bytes;
        self
    }

    pub(crate) fn with_wrong_checksum(mut self) -> Self {
        self.crc ^= 1;
        self
    }

    fn header(&self, out: &mut Vec<u8>) {
        let has_descriptor = self.flags & FLAG_DESCRIPTOR != 0;
        let (packed, whole) = (self.packed.len() as u64, self.stated_bytes);
        out.extend(b"PK\x03\x04\x2d\0");
        put16(out, &[self.flags, self.method, 0, 0]);
        if has_descriptor {
            put32(out, &[0, 0, 0]);
        } else {
            put32(out, &[self.crc, self.small(packed), self.small(whole)]);
        }
        let extra = self.extra(None);
        put16(out, &[short(self.name.len()), short(extra.len())]);
        out.extend(&self.name);
        out.extend(extra);
        out.extend(&self.packed);
        if has_descriptor {
            out.extend(b"PK\x07\x08");
            put32(out, &[self.crc]);
            if self.is_zip64 {
                out.extend(packed.to_le_bytes());
                out.extend(whole.to_le_bytes());
            } else {
                put32(out, &[self.small(packed), self.small(whole)]);
            }
        }
    }

    fn record(&self, out: &mut Vec<u8>, place: u64) {
        let (packed, whole) = (self.packed.len() as u64, self.stated_bytes);
        out.extend(b"PK\x01\x02");
        put16(out, &[UNIX, 45, self.flags, self.method, 0, 0]);
        put32(out, &[self.crc, self.small(packed), self.small(whole)]);
        let extra = self.extra(Some(place));
        put16(out, &[short(self.name.len()), short(extra.len()), 0, 0, 0]);
        put32(out, &[self.external, self.small(place)]);
        out.extend(&self.name);
        out.extend(extra);
    }

    fn small(&self, value: u64) -> u32 {
        if self.is_zip64 {
            return u32::MAX;
        }
        u32::try_from(value).unwrap()
    }

    fn extra(&self, place: Option<u64>) -> Vec<u8> {
        if !self.is_zip64 {
            return Vec::new();
        }
        let values = [
            Some(self.stated_bytes),
            Some(self.packed.len() as u64),
            place,
        ];
        let values: Vec<u64> = values.into_iter().flatten().collect();
        let mut extra = Vec::new();
        put16(&mut extra, &[1, short(values.len() * 8)]);
        extra.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        extra
    }
}

fn put16(out: &mut Vec<u8>, values: &[u16]) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn put32(out: &mut Vec<u8>, values: &[u32]) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn short(length: usize) -> u16 {
    u16::try_from(length).unwrap()
}

/// An archive of files.
pub(crate) fn zip(files: &[File]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut places = Vec::new();
    for file in files {
        places.push(out.len() as u64);
        file.header(&mut out);
    }
    let records: Vec<_> = files.iter().zip(places).collect();
    close(out, &records)
}

/// Appends the directory, which may say what it likes.
pub(crate) fn close(mut out: Vec<u8>, records: &[(&File, u64)]) -> Vec<u8> {
    let begin = out.len();
    for (file, place) in records {
        file.record(&mut out, *place);
    }
    let length = u32::try_from(out.len() - begin).unwrap();
    let count = short(records.len());
    let is_zip64 = records.iter().any(|(file, _)| file.is_zip64);
    if is_zip64 {
        let end = out.len() as u64;
        out.extend(b"PK\x06\x06");
        out.extend(44_u64.to_le_bytes());
        put16(&mut out, &[45, 45]);
        put32(&mut out, &[0, 0]);
        for value in [
            u64::from(count),
            u64::from(count),
            u64::from(length),
            begin as u64,
        ] {
            out.extend(value.to_le_bytes());
        }
        out.extend(b"PK\x06\x07");
        put32(&mut out, &[0]);
        out.extend(end.to_le_bytes());
        put32(&mut out, &[1]);
    }
    out.extend(b"PK\x05\x06\0\0\0\0");
    put16(&mut out, &[count, count]);
    let place = if is_zip64 {
        u32::MAX
    } else {
        u32::try_from(begin).unwrap()
    };
    put32(&mut out, &[length, place]);
    put16(&mut out, &[0]);
    out
}
