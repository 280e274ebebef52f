use std::collections::HashSet;

use rawzip::{
    CompressionMethod, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder, ZipFileHeaderRecord,
};

use super::{Refused, Unreadable};
use crate::domain::shown_name;

/// Records looked at for each file that may be in an archive: folders, and what
/// systems add unasked, are no files of anybody's.
const RECORDS_PER_ENTRY: usize = 4;
/// Bytes of the directory for each of these records: names, what systems add to
/// them and comments are far shorter, and each round walks all of it.
const RECORD_BYTES: u64 = 1024;
/// Length of a file's header in front of its content, without the name.
const HEADER_BYTES: u64 = 30;
/// Times its length that a file may grow to. A picture that is compressed
/// already hardly grows; deflate alone gives up to 1032.
const MOST_RATIO: u64 = 100;
/// Below this nothing is a bomb.
const HARMLESS_BYTES: u64 = 1024 * 1024;

/// What an archive may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Files.
    pub(crate) entries: usize,
    /// Bytes that each may have.
    pub(crate) entry_bytes: u64,
}

/// A file in an archive.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    /// Place in the directory among the files.
    pub(crate) position: i32,
    /// As it is shown.
    pub(crate) name: String,
    /// Where it is, or why it is not taken.
    pub(crate) found: Result<Found, Refused>,
}

/// Where a file is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(super) at: ZipArchiveEntryWayfinder,
    pub(super) method: CompressionMethod,
}

/// Reads the directory of an archive.
pub(super) fn list<R: ReaderAt>(
    archive: &ZipArchive<R>,
    bounds: Bounds,
) -> Result<Vec<Listed>, Unreadable> {
    let too_many = Unreadable::TooManyEntries {
        limit: bounds.entries,
    };
    let most_records = bounds.entries.saturating_mul(RECORDS_PER_ENTRY);
    if usize::try_from(archive.entries_hint()).is_ok_and(|hint| hint > most_records) {
        return Err(too_many);
    }
    let directory_bytes = archive
        .eocd_offset()
        .saturating_sub(archive.directory_offset());
    if directory_bytes > (most_records as u64).saturating_mul(RECORD_BYTES) {
        return Err(Unreadable::Damaged(
            "its directory is longer than that of any album".to_owned(),
        ));
    }
    let damaged = |error: rawzip::Error| Unreadable::Damaged(error.to_string());
    let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
    let mut walk = archive.entries(&mut buffer);
    let (mut listed, mut names, mut spans) = (Vec::new(), HashSet::new(), Vec::new());
    let mut records = 0;
    while let Some(record) = walk.next_entry().map_err(damaged)? {
        records += 1;
        if records > most_records {
            return Err(too_many);
        }
        let begin = record.local_header_offset();
        let end = begin
            .saturating_add(HEADER_BYTES)
            .saturating_add(record.compressed_size_hint());
        spans.push((begin, end));
        let path = record.file_path();
        if record.is_dir() || is_by_system(path.as_bytes()) {
            continue;
        }
        if listed.len() == bounds.entries {
            return Err(too_many);
        }
        let found = judge(&record, bounds);
        // Digests, since a name may have 64 KiB.
        let found = match found {
            Ok(_) if !names.insert(digest(path.as_bytes())) => Err(Refused::RepeatedName),
            found => found,
        };
        listed.push(Listed {
            position: i32::try_from(listed.len()).unwrap_or(i32::MAX),
            name: shown_name(&String::from_utf8_lossy(path.as_bytes())),
            found,
        });
    }
    if archive.entries_hint() != records as u64 {
        return Err(Unreadable::Damaged(
            "its directory holds another number of files than it says".to_owned(),
        ));
    }
    // Files that share bytes make a small archive a large one.
    spans.sort_unstable();
    let beyond = |pair: &[(u64, u64)]| pair[0].1 > pair[1].0;
    if spans.windows(2).any(beyond) {
        return Err(Unreadable::Overlapping);
    }
    Ok(listed)
}

fn digest(name: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(name).into()
}

/// Whether a file can be taken, by what the directory says of it.
fn judge(record: &ZipFileHeaderRecord<'_>, bounds: Bounds) -> Result<Found, Refused> {
    let flags = record.flags();
    let method = record.compression_method();
    if flags.is_encrypted()
        || flags.has_strong_encryption()
        || flags.is_masked()
        || method == CompressionMethod::AES
    {
        return Err(Refused::Encrypted);
    }
    if leads_out(record.file_path().as_bytes()) {
        return Err(Refused::UnsafeName);
    }
    if record.mode().is_symlink() {
        return Err(Refused::Link);
    }
    if method != CompressionMethod::STORE && method != CompressionMethod::DEFLATE {
        return Err(Refused::Method);
    }
    let (packed, whole) = (
        record.compressed_size_hint(),
        record.uncompressed_size_hint(),
    );
    if method == CompressionMethod::STORE && packed != whole {
        return Err(Refused::Damaged(
            "it is stored, and has two lengths".to_owned(),
        ));
    }
    if whole > HARMLESS_BYTES && whole / MOST_RATIO > packed {
        return Err(Refused::Bomb { limit: MOST_RATIO });
    }
    if whole > bounds.entry_bytes {
        return Err(Refused::TooLong {
            limit_bytes: bounds.entry_bytes,
        });
    }
    Ok(Found {
        at: record.wayfinder(),
        method,
    })
}

/// Names that mean a place elsewhere, to one system or another.
fn leads_out(name: &[u8]) -> bool {
    let is_separator = |byte: &u8| matches!(byte, b'/' | b'\\');
    let has_drive = name.len() > 1 && name[1] == b':' && name[0].is_ascii_alphabetic();
    has_drive
        || name.first().is_none_or(is_separator)
        || name.contains(&0)
        || name.split(is_separator).any(|part| part == b"..")
}

/// What systems put into archives beside the files that were chosen.
fn is_by_system(name: &[u8]) -> bool {
    let last = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    name.starts_with(b"__MACOSX/") || matches!(last, b".DS_Store" | b"Thumbs.db" | b"desktop.ini")
}

#[cfg(test)]
mod tests {
    use super::{is_by_system, leads_out};

    #[test]
    fn names_that_mean_a_place_elsewhere_are_told() {
        for bad in [
            "",
            "/a.png",
            "\\a.png",
            "../a.png",
            "a/../../b.png",
            "a\\..\\b.png",
            "C:a.png",
            "c:/a",
            "a\0.png",
            "..",
        ] {
            assert!(leads_out(bad.as_bytes()), "{bad:?}");
        }
        for good in ["a.png", "a/b.png", "夏.png", "..a.png", "a..b/c...png"] {
            assert!(!leads_out(good.as_bytes()), "{good:?}");
        }
    }

    #[test]
    fn what_systems_add_is_not_taken_for_a_file() {
        for added in ["__MACOSX/._a.png", "album/.DS_Store", "Thumbs.db"] {
            assert!(is_by_system(added.as_bytes()), "{added}");
        }
        assert!(!is_by_system(b"album/a.png"));
    }
}
