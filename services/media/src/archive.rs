//! Archives of pictures: what stands in one, and each file of it in turn.
//!
//! An archive is never held: its directory is walked record by record, and a
//! file is inflated into a file without a name. Whatever an archive claims is
//! checked against a bound or against its bytes. Names decide nothing.

mod listing;
mod parts;

use std::io::{self, Read, Write as _};
use std::path::Path;

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipLocator};
use sha2::{Digest as _, Sha256};

use crate::spool::Spooled;

pub(crate) use listing::{Bounds, Listed};
pub(crate) use parts::Parts;

/// What a comment at an archive's end may take, and the record before it.
const TAIL_BYTES: u64 = 65_535 + 22 + 76;
/// Bytes inflated at once.
const STEP_BYTES: usize = 64 * 1024;
/// How files begin that are archives themselves.
const ARCHIVES: [&[u8]; 6] = [
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\xfd7zXZ\0",
];

/// Why nothing of an archive is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the file is no ZIP archive, or its directory is damaged: {0}")]
    Damaged(String),
    #[error("files in the archive overlap")]
    Overlapping,
    #[error("an archive may hold {limit} files; this one holds more")]
    TooManyEntries { limit: usize },
}

/// Why a file in an archive is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the file is encrypted")]
    Encrypted,
    #[error("the file is compressed by a method that is not taken; use deflate, or store it")]
    Method,
    #[error("the file's name leads out of the archive")]
    UnsafeName,
    #[error("a file before has the same name")]
    RepeatedName,
    #[error("this is a link, not a file")]
    Link,
    #[error("this is an archive in an archive; only pictures are taken")]
    Archive,
    #[error("the file would grow to more than {limit} times its length; no picture does")]
    Bomb { limit: u64 },
    #[error("the file would have more than {limit_bytes} bytes")]
    TooLong { limit_bytes: u64 },
    #[error("the file is damaged: {0}")]
    Damaged(String),
}

impl Refused {
    /// Stable, in answers.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Encrypted => "ENTRY_ENCRYPTED",
            Self::Method => "ENTRY_METHOD_UNSUPPORTED",
            Self::UnsafeName => "ENTRY_NAME_UNSAFE",
            Self::RepeatedName => "ENTRY_NAME_REPEATED",
            Self::Link => "ENTRY_IS_LINK",
            Self::Archive => "ENTRY_IS_ARCHIVE",
            Self::Bomb { .. } => "ENTRY_RATIO_TOO_HIGH",
            // As the same file sent by itself is refused.
            Self::TooLong { .. } => "ASSET_TOO_LARGE",
            Self::Damaged(_) => "ENTRY_DAMAGED",
        }
    }
}

/// An archive whose directory was found.
pub(crate) struct Archive<R>(ZipArchive<R>);

impl<R: rawzip::ReaderAt> Archive<R> {
    /// Finds the directory at the end of `length` bytes.
    pub(crate) fn open(reader: R, length: u64) -> Result<Self, (R, Unreadable)> {
        let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
        ZipLocator::new()
            .max_search_space(TAIL_BYTES)
            .locate_in_reader(reader, &mut buffer, length)
            .map(Self)
            .map_err(|(reader, error)| (reader, Unreadable::Damaged(error.to_string())))
    }

    /// What the archive is read from.
    pub(crate) fn source(&self) -> &R {
        self.0.get_ref()
    }

    /// The files in it, each with where it is or why it is not taken.
    pub(crate) fn list(&self, bounds: Bounds) -> Result<Vec<Listed>, Unreadable> {
        listing::list(&self.0, bounds)
    }

    /// Inflates a file into one without a name, in `folder` or where the system
    /// keeps such files. The outer result is what the disk said.
    pub(crate) fn extract(
        &self,
        found: listing::Found,
        limit_bytes: u64,
        folder: Option<&Path>,
    ) -> io::Result<Result<Spooled, Refused>> {
        let damaged = |error: &dyn std::fmt::Display| Ok(Err(Refused::Damaged(error.to_string())));
        let entry = match self.0.get_entry(found.at) {
            Ok(entry) => entry,
            Err(error) => return damaged(&error),
        };
        let (_, end) = entry.compressed_data_range();
        if end > self.0.directory_offset() {
            return damaged(&"it reaches into the directory");
        }
        if found.method == CompressionMethod::DEFLATE {
            let inflated = DeflateDecoder::new(entry.reader());
            spooled(entry.verifying_reader(inflated), limit_bytes, folder)
        } else {
            spooled(entry.verifying_reader(entry.reader()), limit_bytes, folder)
        }
    }
}

/// Copies what comes out of an archive, no further than one byte beyond a limit
/// and whatever the archive says about its length.
fn spooled(
    content: impl Read,
    limit_bytes: u64,
    folder: Option<&Path>,
) -> io::Result<Result<Spooled, Refused>> {
    let mut file = match folder {
        Some(folder) => tempfile::tempfile_in(folder)?,
        None => tempfile::tempfile()?,
    };
    let mut content = content.take(limit_bytes.saturating_add(1));
    let (mut hash, mut length) = (Sha256::new(), 0_u64);
    let mut step = vec![0; STEP_BYTES];
    loop {
        let read = match content.read(&mut step) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Ok(Err(Refused::Damaged(error.to_string()))),
        };
        let piece = &step[..read];
        if length == 0 && ARCHIVES.iter().any(|magic| piece.starts_with(magic)) {
            return Ok(Err(Refused::Archive));
        }
        length += read as u64;
        if length > limit_bytes {
            return Ok(Err(Refused::TooLong { limit_bytes }));
        }
        hash.update(piece);
        file.write_all(piece)?;
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(Ok(Spooled::of(file, length, hash.finalize().into())))
}
