//! Archives whose files are not known before they are sent.

use std::collections::BTreeSet;

use libdeflater::Crc;

use crate::record::{LIMIT_32, Record, central_header, descriptor, end_records, local_header};
use crate::time::DosTime;

/// Files at most, and the length of a path.
const MAX_FILES: usize = 1_000_000;
const MAX_PATH_BYTES: usize = 255;

/// What cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZipError {
    /// A path that would leave the folder it is unpacked in, or is taken.
    #[error("`{0}` cannot be the path of a file")]
    Path(String),
    /// More files than may be, or a file of 4 GiB or more.
    #[error("there is too much for one ZIP")]
    TooLarge,
}

/// An archive that is being written. When its files were made is said in them,
/// not here.
#[derive(Default)]
pub struct Stream {
    /// Bytes written so far.
    offset: u64,
    files: Vec<File>,
    paths: BTreeSet<String>,
    open: Option<Crc>,
}

struct File {
    path: String,
    offset: u64,
    crc32: u32,
    length: u64,
}

impl File {
    fn record(&self) -> Record<'_> {
        Record {
            name: &self.path,
            length: self.length,
            crc32: self.crc32,
            modified: DosTime::FIRST,
            follows: true,
        }
    }
}

impl Stream {
    /// Whether a file is being written, and which.
    #[must_use]
    pub fn open_path(&self) -> Option<&str> {
        let last = self.files.last().filter(|_| self.open.is_some());
        last.map(|file| file.path.as_str())
    }

    /// Begins a file; the bytes to send. An open one is ended first.
    ///
    /// # Errors
    /// The path, or too many files.
    pub fn begin(&mut self, path: &str) -> Result<Vec<u8>, ZipError> {
        let is_inside = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        let is_plain = path.len() <= MAX_PATH_BYTES && !path.contains(['\\', ':', '\0']);
        if !is_inside || !is_plain || !self.paths.insert(path.to_owned()) {
            return Err(ZipError::Path(path.to_owned()));
        }
        if self.files.len() == MAX_FILES {
            return Err(ZipError::TooLarge);
        }
        let mut out = self.end();
        let file = File {
            path: path.to_owned(),
            offset: self.offset,
            crc32: 0,
            length: 0,
        };
        let header = local_header(&file.record());
        self.offset += header.len() as u64;
        out.extend(header);
        self.files.push(file);
        self.open = Some(Crc::new());
        Ok(out)
    }

    /// Takes note of bytes of the open file, which are sent as they are.
    ///
    /// # Errors
    /// No file is open, or it becomes too large.
    pub fn write(&mut self, data: &[u8]) -> Result<(), ZipError> {
        let (Some(file), Some(crc)) = (self.files.last_mut(), &mut self.open) else {
            return Err(ZipError::Path(String::new()));
        };
        file.length += data.len() as u64;
        if file.length >= LIMIT_32 {
            return Err(ZipError::TooLarge);
        }
        crc.update(data);
        self.offset += data.len() as u64;
        Ok(())
    }

    /// Ends the open file, if there is one; the bytes to send.
    fn end(&mut self) -> Vec<u8> {
        let (Some(crc), Some(file)) = (self.open.take(), self.files.last_mut()) else {
            return Vec::new();
        };
        file.crc32 = crc.sum();
        let out = descriptor(&file.record());
        self.offset += out.len() as u64;
        out
    }

    /// Ends the archive; the bytes to send.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        let mut out = self.end();
        let before = out.len();
        for file in &self.files {
            out.extend(central_header(&file.record(), file.offset));
        }
        let length = (out.len() - before) as u64;
        out.extend(end_records(self.files.len() as u64, self.offset, length));
        out
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream")
            .field("offset", &self.offset)
            .field("files", &self.files.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Stream, ZipError};

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crate::crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_path_that_leaves_its_folder_or_is_taken_is_refused() {
        let mut zip = Stream::default();
        zip.begin("a/b.json").unwrap();
        for path in ["a/b.json", "", "/a", "a//b", "../a", "a/..", "a\\b", "c:x"] {
            assert_eq!(zip.begin(path), Err(ZipError::Path(path.to_owned())));
        }
    }

    #[test]
    fn an_empty_zip_is_one() {
        let bytes = Stream::default().finish();
        assert_eq!(bytes.len(), 22);
        assert_eq!(&bytes[..4], b"PK\x05\x06");
        assert!(bytes[4..].iter().all(|byte| *byte == 0));
    }
}
