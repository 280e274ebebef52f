use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The lead among relays of one SQLite file: a lock on a file beside it. On
/// PostgreSQL every relay leads, and rows are leased instead.
pub(super) struct Lead {
    path: Option<PathBuf>,
    held: Mutex<Option<File>>,
}

impl Lead {
    pub(super) fn new(database: Option<&Path>) -> Self {
        Self {
            path: database.map(|path| path.with_added_extension("relay")),
            held: Mutex::new(None),
        }
    }

    /// Whether this relay leads, trying to if it does not yet.
    pub(super) fn try_lead(&self) -> bool {
        let Some(path) = &self.path else {
            return true;
        };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_some() {
            return true;
        }
        let opened = OpenOptions::new().create(true).append(true).open(path);
        match opened.map(|file| file.try_lock().map(|()| file)) {
            Ok(Ok(file)) => {
                *held = Some(file);
                true
            }
            // Another relay leads.
            Ok(Err(_)) => false,
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "the relay's lock file");
                false
            }
        }
    }
}
