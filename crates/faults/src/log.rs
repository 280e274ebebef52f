//! What was asked and what was answered, one line each, appended and never
//! changed.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Entry {
    /// Somebody has an account.
    Registered {
        /// Typed id.
        user: String,
    },
    /// A generation is being asked for; nobody knows yet what becomes of it.
    Asked {
        /// Idempotency key.
        key: String,
        /// Who asks.
        user: String,
        /// Title, which no other generation has.
        title: String,
    },
    /// The platform took it.
    Acknowledged {
        /// Idempotency key.
        key: String,
        /// The task that it promised.
        task: String,
    },
    /// A file of a cover is being asked for.
    AskedForFile {
        /// Idempotency key.
        key: String,
        /// The cover, which nobody asks for twice.
        cover: String,
    },
    /// The platform took it.
    FileAcknowledged {
        /// Idempotency key.
        key: String,
        /// The export that it promised.
        export: String,
    },
    /// Many covers are being asked for at once.
    AskedForMany {
        /// Idempotency key.
        key: String,
        /// Titles of the rows, which no other generation has.
        titles: Vec<String>,
    },
    /// The platform took them.
    ManyAcknowledged {
        /// Idempotency key.
        key: String,
        /// The bulk that it promised.
        bulk: String,
        /// How many rows it has.
        rows: usize,
    },
    /// There was no answer, or another one.
    Failed {
        /// Idempotency key.
        key: String,
        /// What there was instead.
        kind: String,
    },
}

/// The file that lines are appended to.
pub struct Log {
    path: PathBuf,
    file: Mutex<File>,
}

impl Log {
    /// Opens a log, new or with what it holds already.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self {
            path: path.to_path_buf(),
            file: Mutex::new(file),
        })
    }

    /// Appends a line.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn append(&self, entry: &Entry) -> Result<()> {
        let line = serde_json::to_string(entry)? + "\n";
        // A line is written whole, so a panic elsewhere cannot have torn one.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(file.write_all(line.as_bytes())?)
    }

    /// Everything in it, oldest first.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn entries(&self) -> Result<Vec<Entry>> {
        let text = std::fs::read_to_string(&self.path)?;
        text.lines()
            .map(|line| serde_json::from_str(line).with_context(|| line.to_owned()))
            .collect()
    }

    /// The tasks that the platform promised.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn tasks(&self) -> Result<Vec<String>> {
        let task = |entry| match entry {
            Entry::Acknowledged { task, .. } => Some(task),
            _ => None,
        };
        Ok(self.entries()?.into_iter().filter_map(task).collect())
    }
}
