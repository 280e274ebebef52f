use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions, Connection, SqliteConnection};

use super::failure;
use crate::{Error, Result};

/// Raised with every change of the tables; a newer file is refused.
const VERSION: i64 = 1;

const PAGE_BYTES: u64 = 4096;

/// The tables. Times are milliseconds since 1970, sequences are shared by all
/// streams of the file, so they grow within a stream but have gaps.
const TABLES: &str = "
CREATE TABLE streams (
    name TEXT PRIMARY KEY,
    declared_at INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE messages (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    stream TEXT NOT NULL REFERENCES streams (name),
    subject TEXT NOT NULL,
    payload BLOB NOT NULL,
    headers TEXT NOT NULL,
    published_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_by_id ON messages (id);
CREATE INDEX messages_by_stream ON messages (stream, sequence);
CREATE TABLE consumers (
    stream TEXT NOT NULL REFERENCES streams (name),
    durable TEXT NOT NULL,
    cursor INTEGER NOT NULL,
    PRIMARY KEY (stream, durable)
) STRICT, WITHOUT ROWID;
CREATE TABLE in_flight (
    stream TEXT NOT NULL,
    durable TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    delivery_count INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (stream, durable, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE dead_letters (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    stream TEXT NOT NULL,
    durable TEXT NOT NULL,
    message_sequence INTEGER NOT NULL,
    id TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload BLOB NOT NULL,
    headers TEXT NOT NULL,
    delivery_count INTEGER NOT NULL,
    reason TEXT NOT NULL,
    parked_at INTEGER NOT NULL,
    UNIQUE (stream, durable, message_sequence)
) STRICT;
";

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(Duration::from_secs(5))
        .disable_statement_logging()
}

/// Options of the writing connection, which creates the file.
pub(super) fn writer_options(path: &Path) -> SqliteConnectOptions {
    options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // A long reader may keep the WAL from being reset; cut it back after.
        .pragma("journal_size_limit", "67108864")
}

/// Options of the reading connections.
pub(super) fn reader_options(path: &Path) -> SqliteConnectOptions {
    options(path).read_only(true)
}

/// Creates the tables, or checks that the file is one of ours, and bounds the
/// file's size.
pub(super) async fn prepare(conn: &mut SqliteConnection, max_bytes: u64) -> Result<()> {
    let version: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *conn)
        .await
        .map_err(failure)?;
    match version {
        0 => create(conn).await?,
        VERSION => {}
        other => {
            return Err(Error::Config(format!(
                "the events file has version {other}, this program knows {VERSION}"
            )));
        }
    }
    let pages = (max_bytes / PAGE_BYTES).clamp(64, u64::from(u32::MAX) - 1);
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "PRAGMA max_page_count = {pages}"
    )))
    .execute(conn)
    .await
    .map_err(failure)?;
    Ok(())
}

async fn create(conn: &mut SqliteConnection) -> Result<()> {
    let mut tx = conn.begin().await.map_err(failure)?;
    sqlx::raw_sql(TABLES)
        .execute(&mut *tx)
        .await
        .map_err(failure)?;
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "PRAGMA user_version = {VERSION}"
    )))
    .execute(&mut *tx)
    .await
    .map_err(failure)?;
    tx.commit().await.map_err(failure)
}
