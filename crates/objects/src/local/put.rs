use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::sidecar::{self, Entry, Sidecar};
use super::{Inner, is_absent};
use crate::key::hex;
use crate::{Error, Key, Meta, PutMode, Result};

/// Tries to place a file while others empty and remove its folder.
const ATTEMPTS: u32 = 100;

/// An object that is being written. Dropped unpublished, it leaves nothing.
pub(super) struct Draft {
    file: File,
    path: PathBuf,
    digest: Sha256,
    size_bytes: u64,
}

impl Draft {
    pub(super) fn create(inner: &Inner) -> Result<Self> {
        let path = inner.temporary();
        let file = File::create_new(&path).map_err(|e| unplaced(&e))?;
        Ok(Self {
            file,
            path,
            digest: Sha256::new(),
            size_bytes: 0,
        })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|e| unplaced(&e))?;
        self.digest.update(bytes);
        self.size_bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    pub(super) fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Makes the draft the object under a key, durably.
    pub(super) fn publish(
        self,
        inner: &Inner,
        key: &Key,
        content_type: String,
        mode: PutMode,
    ) -> Result<Meta> {
        self.file.sync_all().map_err(|e| unplaced(&e))?;
        let about = self.file.metadata().map_err(|e| unplaced(&e))?;
        let entry = Entry {
            content_type,
            etag: hex(&self.digest.clone().finalize()),
            size_bytes: about.len(),
            inode: about.ino(),
        };
        let _lock = inner.lock(key);
        let path = inner.path(key);
        let there = fs::symlink_metadata(&path).ok();
        match &there {
            Some(there) if there.is_dir() => return Err(Error::KeyConflict(key.clone())),
            Some(_) if mode == PutMode::IfAbsent => {
                return Err(Error::AlreadyExists(key.clone()));
            }
            _ => {}
        }
        write_sidecar(inner, key, entry, there.as_ref())?;
        place(inner, key, &path, || match mode {
            PutMode::Replace => fs::rename(&self.path, &path),
            // Unlike a rename this fails if another process was faster.
            PutMode::IfAbsent => fs::hard_link(&self.path, &path),
        })?;
        Ok(inner.meta_of(key, &about))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Renamed away already when it was published.
        let _ = fs::remove_file(&self.path);
    }
}

/// Errors of writing, where an absent file or folder is no answer.
fn unplaced(error: &io::Error) -> Error {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::Full,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Error::Denied(error.to_string())
        }
        _ => Error::Unavailable(error.to_string()),
    }
}

/// Writes what stands beside the object, keeping the entry of the file that
/// is there now.
fn write_sidecar(
    inner: &Inner,
    key: &Key,
    entry: Entry,
    there: Option<&fs::Metadata>,
) -> Result<()> {
    let path = inner.meta_path(key);
    let mut entries = vec![entry];
    if let Some(there) = there {
        entries.extend(
            sidecar::read(&path)
                .entries
                .into_iter()
                .find(|entry| entry.is_of(there)),
        );
    }
    let text = serde_json::to_vec(&Sidecar { entries }).expect("plain fields are JSON");
    let mut draft = Draft::create(inner)?;
    draft.write(&text)?;
    draft.file.sync_all().map_err(|e| unplaced(&e))?;
    place(inner, key, &path, || fs::rename(&draft.path, &path))
}

/// Puts a finished file in place, making folders as needed, and waits until
/// its name is on disk.
fn place(
    inner: &Inner,
    key: &Key,
    path: &Path,
    mut link: impl FnMut() -> io::Result<()>,
) -> Result<()> {
    let folder = path.parent();
    for attempt in 1.. {
        let placed = make_folders(inner, folder).and_then(|()| link());
        match placed {
            Ok(()) => break,
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {
                return Err(Error::AlreadyExists(key.clone()));
            }
            // One of the folders is an object.
            Err(e) if e.kind() == ErrorKind::NotADirectory => {
                return Err(Error::KeyConflict(key.clone()));
            }
            Err(e) if e.kind() == ErrorKind::IsADirectory => {
                return Err(Error::KeyConflict(key.clone()));
            }
            // A delete removed the emptied folder in between.
            Err(e) if is_absent(&e) && attempt < ATTEMPTS => {}
            Err(e) => return Err(unplaced(&e)),
        }
    }
    sync_folder(folder).map_err(|e| unplaced(&e))
}

/// Makes missing folders one by one, each durable in the one above it.
fn make_folders(inner: &Inner, folder: Option<&Path>) -> io::Result<()> {
    let Some(folder) = folder.filter(|folder| !folder.is_dir()) else {
        return Ok(());
    };
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|path| *path != inner.root && !path.is_dir())
        .collect();
    for path in missing.into_iter().rev() {
        match fs::create_dir(path) {
            Ok(()) => sync_folder(path.parent())?,
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {
                // Made by somebody else; removed by a third, which the caller
                // takes as a reason to try again; or an object.
                if !fs::symlink_metadata(path)?.is_dir() {
                    return Err(ErrorKind::NotADirectory.into());
                }
            }
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Waits until the names in a folder are on disk.
pub(super) fn sync_folder(folder: Option<&Path>) -> io::Result<()> {
    match folder {
        Some(folder) => match File::open(folder) {
            Ok(folder) => folder.sync_all(),
            // Removed in between, as empty: no name of ours was in it.
            Err(e) if is_absent(&e) => Ok(()),
            Err(e) => Err(e),
        },
        None => Ok(()),
    }
}
