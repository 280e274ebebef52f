//! A ZIP written as it is sent: no file is held in memory, and none needs to
//! be known beforehand. After PKWARE's APPNOTE 6.3.10: files are stored, their
//! sizes follow them (4.3.9), and places past 4 GiB stand in ZIP64 records
//! (4.5.3).

use std::collections::BTreeSet;

/// Files at most, and the length of a path.
const MAX_FILES: usize = 1_000_000;
const MAX_PATH_BYTES: usize = 255;

/// Largest value of a 32-bit field; it means that a ZIP64 record has the value.
const MAX_32: u64 = 0xFFFF_FFFF;

/// Bit 3: sizes follow the file; bit 11: paths are UTF-8.
const FLAGS: u16 = 0x0808;

/// 1 January 1980, the first day a ZIP knows: when a file was made is said in
/// the files.
const DATE: u16 = 0x0021;

/// What cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ZipError {
    /// A path that would leave the folder it is unpacked in, or is taken.
    #[error("`{0}` cannot be the path of a file")]
    Path(String),
    /// More files than may be, or a file of 4 GiB or more.
    #[error("there is too much for one ZIP")]
    TooLarge,
}

/// A ZIP that is being written.
#[derive(Default)]
pub(crate) struct Zip {
    /// Bytes written so far.
    offset: u64,
    files: Vec<File>,
    paths: BTreeSet<String>,
    is_open: bool,
}

struct File {
    path: String,
    offset: u64,
    crc: u32,
    bytes: u64,
}

impl Zip {
    /// Whether a file is being written, and which.
    pub(crate) fn open_path(&self) -> Option<&str> {
        let last = self.files.last().filter(|_| self.is_open);
        last.map(|file| file.path.as_str())
    }

    /// Begins a file; the bytes to send. An open one is ended first.
    ///
    /// # Errors
    /// The path, or too many files.
    pub(crate) fn begin(&mut self, path: &str) -> Result<Vec<u8>, ZipError> {
        let is_inside = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        let is_plain = path.len() <= MAX_PATH_BYTES && !path.contains(['\\', ':', '\0']);
        if !is_inside || !is_plain || !self.paths.insert(path.to_owned()) {
            return Err(ZipError::Path(path.to_owned()));
        }
        if self.files.len() == MAX_FILES {
            return Err(ZipError::TooLarge);
        }
        let mut out = self.end();
        let offset = self.offset;
        let start = out.len();
        put(&mut out, 0x0403_4B50);
        for short in [20, FLAGS, 0, 0, DATE] {
            put16(&mut out, short);
        }
        // Checksum and sizes follow the file.
        out.extend_from_slice(&[0; 12]);
        put16(&mut out, length(path));
        put16(&mut out, 0);
        out.extend_from_slice(path.as_bytes());
        self.offset += (out.len() - start) as u64;
        self.files.push(File {
            path: path.to_owned(),
            offset,
            crc: u32::MAX,
            bytes: 0,
        });
        self.is_open = true;
        Ok(out)
    }

    /// Takes note of bytes of the open file, which are sent as they are.
    ///
    /// # Errors
    /// The file becomes too large.
    pub(crate) fn write(&mut self, data: &[u8]) -> Result<(), ZipError> {
        let Some(file) = self.files.last_mut().filter(|_| self.is_open) else {
            return Err(ZipError::Path(String::new()));
        };
        file.bytes += data.len() as u64;
        if file.bytes >= MAX_32 {
            return Err(ZipError::TooLarge);
        }
        file.crc = crc(file.crc, data);
        self.offset += data.len() as u64;
        Ok(())
    }

    /// Ends the open file, if there is one; the bytes to send.
    fn end(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        if !std::mem::take(&mut self.is_open) {
            return out;
        }
        if let Some(file) = self.files.last_mut() {
            file.crc = !file.crc;
            put(&mut out, 0x0807_4B50);
            put(&mut out, file.crc);
            put(&mut out, low(file.bytes));
            put(&mut out, low(file.bytes));
            self.offset += out.len() as u64;
        }
        out
    }

    /// Ends the ZIP; the bytes to send.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let mut out = self.end();
        let (before, start) = (out.len(), self.offset);
        for file in &self.files {
            entry(&mut out, file);
        }
        let bytes = (out.len() - before) as u64;
        let count = self.files.len() as u64;
        let needs_zip64 = count >= 0xFFFF || start >= MAX_32 || bytes >= MAX_32;
        if needs_zip64 {
            let at = start + bytes;
            put(&mut out, 0x0606_4B50);
            put64(&mut out, 44);
            put16(&mut out, 45);
            put16(&mut out, 45);
            put(&mut out, 0);
            put(&mut out, 0);
            for long in [count, count, bytes, start] {
                put64(&mut out, long);
            }
            put(&mut out, 0x0706_4B50);
            put(&mut out, 0);
            put64(&mut out, at);
            put(&mut out, 1);
        }
        put(&mut out, 0x0605_4B50);
        put(&mut out, 0);
        let short = u16::try_from(count).unwrap_or(u16::MAX);
        put16(&mut out, short);
        put16(&mut out, short);
        put(&mut out, low(bytes));
        put(&mut out, low(start));
        put16(&mut out, 0);
        out
    }
}

fn entry(out: &mut Vec<u8>, file: &File) {
    let is_far = file.offset >= MAX_32;
    put(out, 0x0201_4B50);
    // Made by a Unix, so that the permissions below are read.
    for short in [0x031E, if is_far { 45 } else { 20 }, FLAGS, 0, 0, DATE] {
        put16(out, short);
    }
    put(out, file.crc);
    put(out, low(file.bytes));
    put(out, low(file.bytes));
    put16(out, length(&file.path));
    put16(out, if is_far { 12 } else { 0 });
    for short in [0, 0, 0] {
        put16(out, short);
    }
    put(out, 0o100_644 << 16);
    put(out, low(file.offset));
    out.extend_from_slice(file.path.as_bytes());
    if is_far {
        put16(out, 1);
        put16(out, 8);
        put64(out, file.offset);
    }
}

fn low(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn length(path: &str) -> u16 {
    u16::try_from(path.len()).unwrap_or(u16::MAX)
}

fn put16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// CRC-32 as ZIP has it, a byte at a time.
fn crc(before: u32, data: &[u8]) -> u32 {
    data.iter().fold(before, |crc, byte| {
        TABLE[usize::from(crc.to_le_bytes()[0] ^ byte)] ^ (crc >> 8)
    })
}

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        #[allow(clippy::cast_possible_truncation, reason = "below 256")]
        let mut value = at as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 {
                0xEDB8_8320 ^ (value >> 1)
            } else {
                value >> 1
            };
            bit += 1;
        }
        table[at] = value;
        at += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::{Zip, ZipError, crc};

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(!crc(u32::MAX, b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_path_that_leaves_its_folder_or_is_taken_is_refused() {
        let mut zip = Zip::default();
        zip.begin("a/b.json").unwrap();
        for path in ["a/b.json", "", "/a", "a//b", "../a", "a/..", "a\\b", "c:x"] {
            assert_eq!(zip.begin(path), Err(ZipError::Path(path.to_owned())));
        }
    }

    #[test]
    fn an_empty_zip_is_one() {
        let bytes = Zip::default().finish();
        assert_eq!(bytes.len(), 22);
        assert_eq!(&bytes[..4], b"PK\x05\x06");
        assert!(bytes[4..].iter().all(|byte| *byte == 0));
    }
}
