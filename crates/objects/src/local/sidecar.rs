use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What stands beside an object's file.
///
/// It is written before the object's file is put in place, and for that moment
/// speaks of two files: the one to come and the one that is there. Whichever a
/// crash leaves behind finds its own entry.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Sidecar {
    pub(super) entries: Vec<Entry>,
}

/// What is known about one file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) content_type: String,
    /// SHA-256 of the content in hexadecimal.
    pub(super) etag: String,
    pub(super) size_bytes: u64,
    /// The file's number in its file system, which renaming keeps.
    pub(super) inode: u64,
}

impl Entry {
    pub(super) fn is_of(&self, file: &fs::Metadata) -> bool {
        self.inode == file.ino() && self.size_bytes == file.len()
    }
}

/// Reads what stands beside a file; nothing readable is as good as nothing.
pub(super) fn read(path: &Path) -> Sidecar {
    fs::read(path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// The entry of a file. A file that was restored from a backup or put there by
/// hand has no entry under its number: then one of its size will do, or else
/// what the file system knows.
pub(super) fn find(path: &Path, file: &fs::Metadata) -> Entry {
    let entries = read(path).entries;
    let same_size = |entry: &&Entry| entry.size_bytes == file.len();
    entries
        .iter()
        .find(|entry| entry.is_of(file))
        .or_else(|| entries.iter().find(same_size))
        .cloned()
        .unwrap_or_else(|| Entry {
            content_type: "application/octet-stream".to_owned(),
            etag: format!("{:x}-{:x}-{:x}", file.ino(), file.len(), file.mtime_nsec()),
            size_bytes: file.len(),
            inode: file.ino(),
        })
}
