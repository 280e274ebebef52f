use std::future::ready;
use std::path::Path;
use std::time::Duration;

use sea_orm::SqlxSqliteConnector;
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::{ConnectOptions, Connection};

use super::{Pool, Pools};
use crate::config::Bounds;
use crate::presence::{Traffic, acquired};
use crate::{Error, Reader, Result, StoreConfig};

/// Opens (and creates) the file with one writer and a pool of readers.
///
/// SQLite has one writer at a time whatever we do: a single connection makes
/// the wait a fair queue instead of a race of busy handlers.
pub(crate) async fn open(path: &Path, config: &StoreConfig, bounds: Bounds) -> Result<Pools> {
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder)
            .await
            .map_err(|error| Error::Config(format!("{}: {error}", folder.display())))?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(Duration::from_millis(config.statement_timeout_ms))
        .disable_statement_logging();
    let write = noted(SqlitePoolOptions::new())
        .max_connections(1)
        .acquire_timeout(bounds.acquire)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_release(|connection, _| {
            Box::pin(async move {
                // When SQLite itself rolls back (disk full), the driver still
                // counts an open transaction and every later BEGIN would fail.
                // The ping queues behind a pending rollback, so what is seen
                // after it is final; a connection that is off is replaced.
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
        .connect_with(
            options
                .clone()
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // A commit that was answered survives a power cut.
                .synchronous(SqliteSynchronous::Full)
                // What is deleted is overwritten: whoever leaves must not
                // stay readable in pages that are free.
                .pragma("secure_delete", "ON")
                .pragma("journal_size_limit", "67108864"),
        )
        .await?;
    let read = noted(SqlitePoolOptions::new())
        .max_connections(bounds.read)
        .acquire_timeout(bounds.acquire)
        .idle_timeout(Duration::from_secs(60))
        .test_before_acquire(false)
        .connect_lazy_with(options.read_only(true));
    Ok(Pools {
        write: Pool::new(
            SqlxSqliteConnector::from_sqlx_sqlite_pool(write),
            1,
            None,
            Traffic::new(1, bounds.acquire),
        ),
        read: Reader::of(Pool::new(
            SqlxSqliteConnector::from_sqlx_sqlite_pool(read),
            bounds.read,
            None,
            Traffic::new(bounds.read, bounds.acquire),
        )),
    })
}

/// Whoever gets a connection is known to have one.
fn noted(options: SqlitePoolOptions) -> SqlitePoolOptions {
    options
        .after_connect(|_, _| {
            acquired();
            Box::pin(ready(Ok(())))
        })
        .before_acquire(|_, _| {
            acquired();
            Box::pin(ready(Ok(true)))
        })
}
