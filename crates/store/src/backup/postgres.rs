//! Dumps of PostgreSQL databases by its own `pg_dump`, from a snapshot that was
//! exported for it.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Stdio;
use std::str::FromStr;
use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, Row, query_scalar, raw_sql,
};
use tokio::process::Command;
use url::Url;

use super::marker::TABLE;
use super::{Part, Source};
use crate::pool::postgres::{code_of, ensure_database};
use crate::{Error, Result};

/// Every transaction of a service holds this shared; who takes it alone, holds
/// them all up.
pub(crate) const FREEZE_LOCK: i64 = 0x0066_7265_657a_6521;

/// How long everybody is held up at most between two statements by a backup
/// that is gone without a word: then the server ends the session. Where more
/// was asked for, as long as that: the first database is held until the last is.
const WRITER_IDLE: Duration = Duration::from_secs(5);

pub(super) struct Snapshot {
    url: String,
    writer: PgConnection,
    reader: PgConnection,
    /// The name `pg_dump` knows the snapshot by.
    exported: String,
}

/// A part of a cut; none where there is no such database.
pub(super) async fn part(
    name: String,
    url: &str,
    folder: &Path,
    hold: Duration,
) -> Result<Option<(Part, Source)>> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("covergen-backup")
        .options([
            // A backup that hangs, or whose machine is gone, must not hold up
            // everybody who writes.
            (
                "idle_in_transaction_session_timeout",
                format!("{}ms", WRITER_IDLE.max(hold).as_millis()),
            ),
        ])
        .disable_statement_logging();
    let writer = match options.connect().await {
        Err(error) if code_of(&error).as_deref() == Some("3D000") => {
            return Ok(None);
        }
        connected => connected?,
    };
    // The snapshot holds up nobody, and stays open while the dump is written.
    let reader = options
        .options([("idle_in_transaction_session_timeout", "0")])
        .connect()
        .await?;
    let part = Part {
        file: folder.join(format!("{name}.dump")),
        name,
        migrations: Vec::new(),
    };
    let snapshot = Snapshot {
        url: url.to_owned(),
        writer,
        reader,
        exported: String::new(),
    };
    Ok(Some((part, Source::Postgres(snapshot))))
}

impl Snapshot {
    /// Waits for the transactions at work, and lets no other begin.
    pub(super) async fn freeze(&mut self, within: Duration) -> Result<()> {
        self.writer.execute("BEGIN").await?;
        // Zero would be without a bound.
        let patience = format!("SET LOCAL lock_timeout = {}", within.as_millis().max(1));
        self.writer
            .execute(raw_sql(AssertSqlSafe(patience)))
            .await?;
        let lock = format!("SELECT pg_advisory_xact_lock({FREEZE_LOCK})");
        self.writer.execute(raw_sql(AssertSqlSafe(lock))).await?;
        Ok(())
    }

    /// Keeps what is there now, under a name.
    pub(super) async fn open(&mut self) -> Result<()> {
        self.reader
            .execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            .await?;
        let row = self.reader.fetch_one("SELECT pg_export_snapshot()").await?;
        self.exported = row.try_get(0)?;
        Ok(())
    }

    /// Lets everybody go on. A session that the server has ended meanwhile held
    /// up nobody when the snapshots were opened, so the cut fails with it.
    pub(super) async fn thaw(&mut self) -> Result<()> {
        self.writer.execute("ROLLBACK").await?;
        Ok(())
    }

    /// Writes the dump; answers the migrations.
    pub(super) async fn dump(mut self, file: &Path) -> Result<Vec<String>> {
        let snapshot = format!("--snapshot={}", self.exported);
        let output = format!("--file={}", file.display());
        let arguments = [
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            snapshot.as_str(),
            output.as_str(),
        ];
        run("pg_dump", &self.url, &arguments).await?;
        let names = "SELECT name FROM schema_migrations ORDER BY name";
        let mut migrations = Vec::new();
        for row in self.reader.fetch_all(names).await? {
            migrations.push(row.try_get(0)?);
        }
        self.reader.execute("ROLLBACK").await?;
        self.reader.close().await?;
        self.writer.close().await?;
        Ok(migrations)
    }
}

/// Whether a database has no tables but the note of a restore, or does not exist.
pub(super) async fn is_vacant(url: &str) -> Result<bool> {
    let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
    let mut connection = match options.connect().await {
        Err(error) if code_of(&error).as_deref() == Some("3D000") => {
            return Ok(true);
        }
        connected => connected?,
    };
    let tables = "SELECT count(*) FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            AND n.nspname NOT LIKE 'pg!_%' ESCAPE '!' AND c.relname <> $1";
    let tables = query_scalar::<_, i64>(tables).bind(TABLE);
    let count = tables.fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(count == 0)
}

/// Fills a database, which is made where it is absent: all of it or nothing.
pub(super) async fn restore(url: &str, from: &Path) -> Result<()> {
    let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
    ensure_database(&options).await?;
    let from = from.display().to_string();
    let arguments = [
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
        from.as_str(),
    ];
    run("pg_restore", url, &arguments).await
}

/// Runs a program of PostgreSQL's against a database. The password goes by the
/// environment: arguments can be read by everybody on the machine.
async fn run(program: &str, url: &str, arguments: &[&str]) -> Result<()> {
    let (address, password) = without_password(url)?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg(format!("--dbname={address}"))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    let output = command.output().await.map_err(|error| {
        Error::Config(match error.kind() {
            ErrorKind::NotFound => format!(
                "{program} was not found on the path: install PostgreSQL's client programs, \
                 of the server's version or newer"
            ),
            _ => format!("{program}: {error}"),
        })
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Error::Config(format!("{program}: {}", said.trim())))
}

/// An address that libpq understands, and the password apart from it.
fn without_password(url: &str) -> Result<(String, Option<String>)> {
    /// Parameters that libpq knows by the same name; the driver's own are not
    /// for it.
    const SHARED: [&str; 5] = ["sslmode", "sslrootcert", "sslcert", "sslkey", "host"];
    let refused = |_| Error::Config("the database address is not a URL".to_owned());
    let mut address = Url::parse(url).map_err(|error| refused(error.to_string()))?;
    let password = address.password().map(percent_decoded);
    address
        .set_password(None)
        .map_err(|()| refused(String::new()))?;
    let kept: Vec<(String, String)> = address
        .query_pairs()
        .filter(|(key, _)| SHARED.contains(&key.as_ref()))
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    address.set_query(None);
    if !kept.is_empty() {
        address.query_pairs_mut().extend_pairs(kept);
    }
    Ok((address.into(), password))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let coded = (first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|two| std::str::from_utf8(two).ok())
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        if let Some(byte) = coded {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_password_is_no_argument() {
        let url = "postgres://me:a%2Fb%20c@host:5433/covergen_user?sslmode=require&statement-cache-capacity=9";
        let (address, password) = without_password(url).unwrap();
        assert_eq!(
            address,
            "postgres://me@host:5433/covergen_user?sslmode=require"
        );
        assert_eq!(password.as_deref(), Some("a/b c"));
    }
}
