//! The note that a restore is under way. It stands where a service's database is
//! before anything of that is written, and goes when everything else is there:
//! who finds it, finds parts of a platform, which must not be started.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sea_orm::ConnectionTrait;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{ConnectOptions, Connection, Executor};

use super::with_ending;
use crate::config::Place;
use crate::pool::postgres::ensure_database;
use crate::{Error, Result, Store, StoreConfig, sql};

/// On PostgreSQL an empty table: whoever may restore may make one.
pub(super) const TABLE: &str = "restore_under_way";

/// On SQLite a file beside the database's.
fn file(database: &Path) -> PathBuf {
    with_ending(database, ".restoring")
}

/// Notes that a service's database is being restored.
///
/// # Errors
/// The place's.
pub async fn mark(config: &StoreConfig, service: &str) -> Result<()> {
    match config.place(service)? {
        Place::Sqlite(path) => on_disk(file(&path), |file| File::create(file)?.sync_all()).await,
        Place::Postgres(url) => {
            let options = PgConnectOptions::from_str(&url)?.disable_statement_logging();
            ensure_database(&options).await?;
            let mut connection = options.connect().await?;
            connection
                .execute("CREATE TABLE IF NOT EXISTS restore_under_way ()")
                .await?;
            Ok(connection.close().await?)
        }
    }
}

/// Takes the note away: everything is there.
///
/// # Errors
/// The place's.
pub async fn unmark(config: &StoreConfig, service: &str) -> Result<()> {
    match config.place(service)? {
        Place::Sqlite(path) => on_disk(file(&path), |file| fs::remove_file(file)).await,
        Place::Postgres(url) => {
            let options = PgConnectOptions::from_str(&url)?.disable_statement_logging();
            let mut connection = options.connect().await?;
            connection
                .execute("DROP TABLE IF EXISTS restore_under_way")
                .await?;
            Ok(connection.close().await?)
        }
    }
}

/// Changes a file, and makes sure that its folder knows.
async fn on_disk(file: PathBuf, change: fn(&Path) -> std::io::Result<()>) -> Result<()> {
    let changed = tokio::task::spawn_blocking(move || {
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        change(&file)?;
        File::open(folder)?.sync_all()
    });
    changed
        .await
        .map_err(|error| Error::Unavailable(error.to_string()))?
        .map_err(|error: std::io::Error| Error::Unavailable(error.to_string()))
}

impl Store {
    /// Refuses a database that a restore has not finished with.
    pub(crate) async fn check_whole(&self, conn: &impl ConnectionTrait) -> Result<()> {
        let is_marked = if let Some(path) = &self.file {
            file(path).exists()
        } else {
            let told = "SELECT 1 WHERE to_regclass('restore_under_way') IS NOT NULL";
            sql::one(conn, told, vec![]).await?.is_some()
        };
        if is_marked {
            return Err(Error::Config(format!(
                "a restore of {} did not end: empty the place (databases, files, keys, event log) \
                 and restore again",
                self.service
            )));
        }
        Ok(())
    }
}
