//! Copies of SQLite files. `VACUUM INTO` takes its own moment and runs in no
//! transaction, so tables are copied from a snapshot that was opened before.

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sea_orm::sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row, raw_sql};

use super::{Part, Source};
use crate::{Error, Result};

/// How long a busy file is waited for while nobody is held up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) struct Snapshot {
    /// The copy, with the original attached as `original`.
    copy: SqliteConnection,
    /// Holds the original's write lock meanwhile.
    writer: SqliteConnection,
}

/// A part of a cut, with everything opened that can be opened before it.
pub(super) async fn part(name: String, path: &Path, folder: &Path) -> Result<(Part, Source)> {
    let file = folder.join(format!("{name}.sqlite"));
    // What an attempt before has left.
    if file.exists() {
        std::fs::remove_file(&file).map_err(|error| Error::Unavailable(error.to_string()))?;
    }
    let mut copy = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Memory)
        .foreign_keys(false)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
        .connect()
        .await?;
    let attach = format!(
        "ATTACH DATABASE '{}' AS original",
        path.display().to_string().replace('\'', "''")
    );
    copy.execute(raw_sql(AssertSqlSafe(attach))).await?;
    let writer = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
        .connect()
        .await?;
    let part = Part {
        name,
        file,
        migrations: Vec::new(),
    };
    Ok((part, Source::Sqlite(Snapshot { copy, writer })))
}

impl Snapshot {
    /// Waits for the writer at work, and lets no other begin.
    pub(super) async fn freeze(&mut self, within: Duration) -> Result<()> {
        let patience = format!("PRAGMA busy_timeout = {}", within.as_millis());
        self.writer
            .execute(raw_sql(AssertSqlSafe(patience)))
            .await?;
        self.writer.execute("BEGIN IMMEDIATE").await?;
        Ok(())
    }

    /// From here on the copy sees what is there now.
    pub(super) async fn open(&mut self) -> Result<()> {
        self.copy.execute("BEGIN").await?;
        self.copy
            .fetch_all("SELECT count(*) FROM original.sqlite_master")
            .await?;
        Ok(())
    }

    pub(super) async fn thaw(&mut self) -> Result<()> {
        self.writer.execute("ROLLBACK").await?;
        Ok(())
    }

    /// Copies tables, then what hangs on them; answers the migrations.
    pub(super) async fn copy(mut self) -> Result<Vec<String>> {
        let things = self
            .copy
            .fetch_all(
                "SELECT type, name, sql FROM original.sqlite_master WHERE sql IS NOT NULL
                 AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
                 ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, rowid",
            )
            .await?;
        let mut migrated = false;
        for thing in &things {
            let (kind, name): (String, String) = (thing.try_get(0)?, thing.try_get(1)?);
            let sql: String = thing.try_get(2)?;
            // Without a schema, the name is the copy's.
            self.copy.execute(raw_sql(AssertSqlSafe(sql))).await?;
            if kind == "table" {
                migrated |= name == "schema_migrations";
                let quoted = name.replace('"', "\"\"");
                let sql =
                    format!("INSERT INTO main.\"{quoted}\" SELECT * FROM original.\"{quoted}\"");
                self.copy.execute(raw_sql(AssertSqlSafe(sql))).await?;
            }
        }
        let counts = "SELECT 1 FROM original.sqlite_master WHERE name = 'sqlite_sequence'";
        if !self.copy.fetch_all(counts).await?.is_empty() {
            // Numbers that were given out are not given out again.
            self.copy
                .execute("DELETE FROM main.sqlite_sequence")
                .await?;
            let counters =
                "INSERT INTO main.sqlite_sequence SELECT * FROM original.sqlite_sequence";
            self.copy.execute(counters).await?;
        }
        let mut migrations = Vec::new();
        if migrated {
            let names = "SELECT name FROM main.schema_migrations ORDER BY name";
            for row in self.copy.fetch_all(names).await? {
                migrations.push(row.try_get(0)?);
            }
        }
        self.copy.execute("COMMIT").await?;
        self.copy.execute("DETACH DATABASE original").await?;
        let version = self
            .writer
            .fetch_one("PRAGMA user_version")
            .await?
            .try_get::<i64, _>(0)?;
        let version = format!("PRAGMA main.user_version = {version}");
        self.copy.execute(raw_sql(AssertSqlSafe(version))).await?;
        self.copy.close().await?;
        self.writer.close().await?;
        Ok(migrations)
    }
}
