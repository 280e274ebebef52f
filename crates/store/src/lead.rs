//! Doing something in one process at a time, with nothing written.

use std::fs::{File, OpenOptions, TryLockError};

use sha2::{Digest as _, Sha256};

use crate::sql::binds;
use crate::{Error, Result, Store, Tx, sql};

/// The lead, until this is dropped or the process dies.
#[derive(Debug)]
pub struct Leading {
    _file: Option<File>,
    _tx: Option<Tx>,
}

impl Store {
    /// Takes the lead in something, among all processes of this service;
    /// `None` while another one has it. On SQLite it is a lock on a file beside
    /// the database, on PostgreSQL one that a transaction holds: keep it for
    /// seconds.
    ///
    /// # Errors
    /// The database's; [`Error::Unavailable`] when the file cannot be opened.
    pub async fn lead(&self, what: &str) -> Result<Option<Leading>> {
        let Some(database) = self.file() else {
            let tx = self.begin().await?;
            let row = sql::one(
                &tx,
                "SELECT pg_try_advisory_xact_lock($1) AS leads",
                binds![key(what)],
            )
            .await?
            .ok_or(Error::Poisoned)?;
            let leads: bool = row.try_get("", "leads")?;
            return Ok(leads.then_some(Leading {
                _file: None,
                _tx: Some(tx),
            }));
        };
        let path = database.with_added_extension(what);
        let opened = OpenOptions::new().create(true).append(true).open(&path);
        let file =
            opened.map_err(|error| Error::Unavailable(format!("{}: {error}", path.display())))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Leading {
                _file: Some(file),
                _tx: None,
            })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(Error::Unavailable(format!("{}: {error}", path.display())))
            }
        }
    }
}

/// The number by which PostgreSQL knows it.
fn key(what: &str) -> i64 {
    let digest = Sha256::digest(what);
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(bytes)
}
