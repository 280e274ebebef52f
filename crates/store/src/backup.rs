//! Copies of databases as they were at one moment, and the way back.
//!
//! A backup of several databases is only worth something if they fit together.
//! No change spans two databases: a service commits, and then another does. So
//! there is a moment between any two commits, and a copy of all databases at
//! such a moment is what a power cut would have left, which the platform takes
//! up from anyhow.
//!
//! That moment is made by holding up all writers for as long as it takes to
//! open a snapshot of each database (milliseconds); the copies are made from
//! the snapshots afterwards, while everybody writes on.

use std::path::{Path, PathBuf};

use crate::config::Place;
use crate::{Error, Result, StoreConfig};

mod postgres;
mod sqlite;

pub(crate) use postgres::FREEZE_LOCK;

/// Times that the moment is tried for, where writers do not pause in time.
const ATTEMPTS: u32 = 5;

/// Several databases at one moment.
pub struct Cut {
    parts: Vec<(Part, Source)>,
}

/// One copied database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The service, or the name that was given.
    pub name: String,
    /// The file it is in.
    pub file: PathBuf,
    /// The migrations that had been applied, in their order; none for a file
    /// that is no service's.
    pub migrations: Vec<String>,
}

enum Source {
    Sqlite(sqlite::Snapshot),
    Postgres(postgres::Snapshot),
}

impl Cut {
    /// Takes the moment: of the databases of some services, and of other SQLite
    /// files by name. The copies will lie in `folder`, which exists. Databases
    /// that do not exist are left out.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when a database cannot be reached,
    /// [`Error::Overloaded`] when writers did not pause.
    pub async fn take(
        config: &StoreConfig,
        services: &[&str],
        files: &[(&str, PathBuf)],
        folder: &Path,
    ) -> Result<Self> {
        let mut attempt = 1;
        loop {
            match Self::try_take(config, services, files, folder).await {
                Err(Error::Overloaded | Error::Conflict(_) | Error::Timeout)
                    if attempt < ATTEMPTS =>
                {
                    attempt += 1;
                }
                taken => return taken,
            }
        }
    }

    async fn try_take(
        config: &StoreConfig,
        services: &[&str],
        files: &[(&str, PathBuf)],
        folder: &Path,
    ) -> Result<Self> {
        let mut parts = Vec::new();
        for service in services {
            let name = (*service).to_owned();
            match config.place(service)? {
                Place::Sqlite(path) if !path.exists() => {}
                Place::Sqlite(path) => parts.push(sqlite::part(name, &path, folder).await?),
                Place::Postgres(url) => {
                    parts.extend(postgres::part(name, &url, folder).await?);
                }
            }
        }
        for (name, path) in files.iter().filter(|(_, path)| path.exists()) {
            parts.push(sqlite::part((*name).to_owned(), path, folder).await?);
        }
        // First everybody is held up, then every snapshot is opened, and then
        // everybody goes on. A transaction is of one database only and makes no
        // calls, so nobody who is held up here is waited for there.
        for (_, source) in &mut parts {
            match source {
                Source::Sqlite(snapshot) => snapshot.freeze().await?,
                Source::Postgres(snapshot) => snapshot.freeze().await?,
            }
        }
        for (_, source) in &mut parts {
            match source {
                Source::Sqlite(snapshot) => snapshot.open().await?,
                Source::Postgres(snapshot) => snapshot.open().await?,
            }
        }
        for (_, source) in &mut parts {
            match source {
                Source::Sqlite(snapshot) => snapshot.thaw().await?,
                Source::Postgres(snapshot) => snapshot.thaw().await?,
            }
        }
        Ok(Self { parts })
    }

    /// Writes the copies, one after the other, and makes sure that they are on
    /// the disk.
    ///
    /// # Errors
    /// [`Error::DiskFull`]; [`Error::Config`] when `pg_dump` is missing or
    /// refuses.
    pub async fn write(self) -> Result<Vec<Part>> {
        let mut written = Vec::new();
        for (mut part, source) in self.parts {
            part.migrations = match source {
                Source::Sqlite(snapshot) => snapshot.copy().await?,
                Source::Postgres(snapshot) => snapshot.dump(&part.file).await?,
            };
            let file = part.file.clone();
            let synced = tokio::task::spawn_blocking(move || {
                std::fs::File::open(&file).and_then(|file| file.sync_all())
            });
            synced
                .await
                .map_err(|error| Error::Unavailable(error.to_string()))?
                .map_err(|error| Error::Unavailable(error.to_string()))?;
            written.push(part);
        }
        Ok(written)
    }
}

/// Whether a service's database holds nothing yet; a database that does not
/// exist does not either.
///
/// # Errors
/// The database's.
pub async fn is_vacant(config: &StoreConfig, service: &str) -> Result<bool> {
    match config.place(service)? {
        Place::Sqlite(path) => Ok(is_free(&path)),
        Place::Postgres(url) => postgres::is_vacant(&url).await,
    }
}

/// Whether nothing of a SQLite database lies at a path. A log that is left of
/// one whose file was moved away would be applied to the file that comes.
#[must_use]
pub fn is_free(path: &Path) -> bool {
    ["", "-wal", "-shm", "-journal"].iter().all(|ending| {
        let file = with_ending(path, ending);
        // A link to nowhere is something, too.
        file.symlink_metadata().is_err()
    })
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Fills a service's vacant database from a copy.
///
/// # Errors
/// [`Error::Config`] when it is not vacant, or `pg_restore` is missing or
/// refuses.
pub async fn restore(config: &StoreConfig, service: &str, from: &Path) -> Result<()> {
    if !is_vacant(config, service).await? {
        return Err(Error::Config(format!(
            "the database of {service} is not empty"
        )));
    }
    match config.place(service)? {
        Place::Sqlite(path) => restore_file(from, &path).await,
        Place::Postgres(url) => postgres::restore(&url, from).await,
    }
}

/// Puts a copied file in its place: all of it, or nothing is there by its name.
///
/// # Errors
/// [`Error::Config`] when something is there; [`Error::Unavailable`] when it
/// cannot be written.
pub async fn restore_file(from: &Path, to: &Path) -> Result<()> {
    if !is_free(to) {
        let there = to.display();
        return Err(Error::Config(format!("something is at {there} already")));
    }
    let (from, to) = (from.to_owned(), to.to_owned());
    let copied = tokio::task::spawn_blocking(move || {
        let folder = to.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let partial = with_ending(&to, ".partial");
        std::fs::copy(&from, &partial)?;
        std::fs::File::open(&partial)?.sync_all()?;
        std::fs::rename(&partial, &to)?;
        // The name is to be on the disk as well as what it stands for.
        std::fs::File::open(folder)?.sync_all()
    });
    copied
        .await
        .map_err(|error| Error::Unavailable(error.to_string()))?
        .map_err(|error: std::io::Error| Error::Unavailable(error.to_string()))
}
