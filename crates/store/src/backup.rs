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
//! the snapshots afterwards, while everybody writes on. All that holding up has
//! one budget, over all databases and attempts: where a writer does not pause,
//! the others are not kept waiting for it, and the backup fails.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::config::Place;
use crate::{Error, Result, StoreConfig};

mod marker;
mod postgres;
mod sqlite;

pub use marker::{mark, unmark};

pub(crate) use postgres::FREEZE_LOCK;

/// How long writers are held up at most, unless it is said.
pub const HOLD: Duration = Duration::from_secs(5);

/// Times that the moment is tried for, where writers do not pause in time.
const ATTEMPTS: u32 = 5;

/// Share of the budget that one attempt may spend, so that a single writer that
/// is slow to pause leaves something for another attempt.
const SHARE: u32 = 2;

/// Longest wait until a database lets its writers go on after a failure. A
/// connection that does not answer is hung up on, which does the same.
const THAW_TIMEOUT: Duration = Duration::from_secs(1);

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

impl Source {
    async fn freeze(&mut self, within: Duration) -> Result<()> {
        match self {
            Self::Sqlite(snapshot) => snapshot.freeze(within).await,
            Self::Postgres(snapshot) => snapshot.freeze(within).await,
        }
    }

    async fn open(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(snapshot) => snapshot.open().await,
            Self::Postgres(snapshot) => snapshot.open().await,
        }
    }

    async fn thaw(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(snapshot) => snapshot.thaw().await,
            Self::Postgres(snapshot) => snapshot.thaw().await,
        }
    }
}

impl Cut {
    /// Takes the moment: of the databases of some services, and of other SQLite
    /// files by name. The copies will lie in `folder`, which exists. Databases
    /// that do not exist are left out. Writers are held up for `hold` at most,
    /// over all databases and attempts.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when a database cannot be reached,
    /// [`Error::HeldTooLong`] when writers did not pause. They go on either way.
    pub async fn take(
        config: &StoreConfig,
        services: &[&str],
        files: &[(&str, PathBuf)],
        folder: &Path,
        hold: Duration,
    ) -> Result<Self> {
        let mut left = hold;
        for attempt in 1..=ATTEMPTS {
            let mut cut = Self::prepare(config, services, files, folder, hold).await?;
            let within = if attempt < ATTEMPTS {
                left / SHARE
            } else {
                left
            };
            let held = Instant::now();
            match cut.moment(within).await {
                Err(Error::Overloaded | Error::Conflict(_) | Error::Timeout) => {
                    left = left.saturating_sub(held.elapsed());
                }
                taken => return taken.map(|()| cut),
            }
        }
        Err(Error::HeldTooLong(hold))
    }

    /// Opens whatever can be opened before anybody is held up.
    async fn prepare(
        config: &StoreConfig,
        services: &[&str],
        files: &[(&str, PathBuf)],
        folder: &Path,
        hold: Duration,
    ) -> Result<Self> {
        let mut parts = Vec::new();
        for service in services {
            let name = (*service).to_owned();
            match config.place(service)? {
                Place::Sqlite(path) if !path.exists() => {}
                Place::Sqlite(path) => parts.push(sqlite::part(name, &path, folder).await?),
                Place::Postgres(url) => {
                    parts.extend(postgres::part(name, &url, folder, hold).await?);
                }
            }
        }
        for (name, path) in files.iter().filter(|(_, path)| path.exists()) {
            parts.push(sqlite::part((*name).to_owned(), path, folder).await?);
        }
        Ok(Self { parts })
    }

    /// Holds up everybody, opens every snapshot, and lets everybody go on. A
    /// transaction is of one database only and makes no calls, so nobody who is
    /// held up here is waited for there.
    async fn moment(&mut self, within: Duration) -> Result<()> {
        let until = Instant::now() + within;
        let mut frozen = 0;
        let moment = async {
            for (_, source) in &mut self.parts {
                let left = until.saturating_duration_since(Instant::now());
                source.freeze(left).await?;
                frozen += 1;
            }
            for (_, source) in &mut self.parts {
                source.open().await?;
            }
            for (_, source) in &mut self.parts {
                source.thaw().await?;
            }
            Ok(())
        };
        let taken = timeout(within, moment).await.unwrap_or(Err(Error::Timeout));
        if taken.is_err() {
            for (_, source) in self.parts.iter_mut().take(frozen) {
                // One that was let go already says so, which is as well.
                let _ = timeout(THAW_TIMEOUT, source.thaw()).await;
            }
        }
        taken
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
