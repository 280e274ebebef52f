//! From the drivers' error codes to [`Error`].

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::postgres::PgDatabaseError;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlxError};

use super::{Error, Violation};

pub(super) fn classify(error: DbErr) -> Error {
    match &error {
        // A pool tells it so when its connections are all in use; one that
        // cannot connect answers otherwise (`pool::Pool`).
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Error::Overloaded,
        DbErr::ConnectionAcquire(why) => Error::Unavailable(why.to_string()),
        DbErr::Conn(RuntimeErr::Internal(why)) => Error::Unavailable(why.clone()),
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => match &**cause {
            SqlxError::Database(said) => match said.try_downcast_ref::<PgDatabaseError>() {
                Some(said) => postgres(said),
                None => sqlite(&**said),
            }
            .unwrap_or(Error::Internal(error)),
            SqlxError::Io(_)
            | SqlxError::Tls(_)
            | SqlxError::Protocol(_)
            | SqlxError::PoolTimedOut
            | SqlxError::PoolClosed
            | SqlxError::BeginFailed
            | SqlxError::InvalidSavePointStatement
            | SqlxError::WorkerCrashed => Error::Unavailable(cause.to_string()),
            SqlxError::Configuration(_) => Error::Config(cause.to_string()),
            _ => Error::Internal(error),
        },
        _ => Error::Internal(error),
    }
}

/// By SQLSTATE (PostgreSQL manual, appendix A).
fn postgres(said: &PgDatabaseError) -> Option<Error> {
    let message = || said.message().to_owned();
    Some(match said.code() {
        "23505" => Error::Unique(Violation {
            table: said.table().unwrap_or_default().to_owned(),
            columns: said.detail().map(key_columns).unwrap_or_default(),
            constraint: said.constraint().unwrap_or_default().to_owned(),
        }),
        "23514" => Error::Check(Violation {
            table: said.table().unwrap_or_default().to_owned(),
            columns: Vec::new(),
            constraint: said.constraint().unwrap_or_default().to_owned(),
        }),
        "23503" => Error::ForeignKey(message()),
        "25006" => Error::ReadOnly,
        "25P02" => Error::Poisoned,
        "53100" => Error::DiskFull,
        "57014" => Error::Timeout,
        "55P03" => Error::Conflict(message()),
        "XX001" | "XX002" => Error::Corrupt(message()),
        // Shutdowns, too many connections, out of memory, input and output
        // errors of the server, sessions ended for idling.
        "57P01" | "57P02" | "57P03" | "57P05" | "53300" | "53200" | "25P03" | "58000" | "58030" => {
            Error::Unavailable(message())
        }
        code if code.starts_with("08") => Error::Unavailable(message()),
        code if code.starts_with("40") => Error::Conflict(message()),
        code if code.starts_with("28") || code == "3D000" => Error::Config(message()),
        _ => return None,
    })
}

/// Takes `a, b` out of `Key (a, b)=(1, 2) already exists.`
fn key_columns(detail: &str) -> Vec<String> {
    detail
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(")=("))
        .map(|(columns, _)| columns.split(", ").map(str::to_owned).collect())
        .unwrap_or_default()
}

/// By extended result code (sqlite.org/rescode.html); the low byte is the
/// primary code.
fn sqlite(said: &dyn DatabaseError) -> Option<Error> {
    const BUSY_SNAPSHOT: i32 = 517;
    const CHECK: i32 = 275;
    const FOREIGN_KEY: i32 = 787;
    const FOREIGN_KEY_TRIGGER: i32 = 1811;
    const SHM_SIZE: i32 = 4874;
    let message = said.message().to_owned();
    let code: i32 = said.code()?.parse().ok()?;
    Some(match (code, code & 0xff) {
        (1555 | 2067 | 2579, _) => Error::Unique(failed_columns(&message)),
        (CHECK, _) => Error::Check(Violation {
            constraint: after_colon(&message).to_owned(),
            ..Violation::default()
        }),
        (FOREIGN_KEY | FOREIGN_KEY_TRIGGER, _) => Error::ForeignKey(message),
        (BUSY_SNAPSHOT, _) | (_, 6) => Error::Conflict(message),
        // The wal index could not grow: the same cause as SQLITE_FULL.
        (SHM_SIZE, _) | (_, 13) => Error::DiskFull,
        (_, 5) => Error::Overloaded,
        (_, 8) => Error::ReadOnly,
        (_, 9) => Error::Timeout,
        (_, 11 | 26) => Error::Corrupt(message),
        // Out of memory, input and output, cannot open.
        (_, 7 | 10 | 14) => Error::Unavailable(message),
        _ => return None,
    })
}

fn after_colon(message: &str) -> &str {
    message.split_once(": ").map_or("", |(_, rest)| rest)
}

/// Reads `UNIQUE constraint failed: t.a, t.b` and `…: index 'name'`.
fn failed_columns(message: &str) -> Violation {
    let list = after_colon(message);
    if let Some(index) = list.strip_prefix("index ") {
        return Violation {
            constraint: index.trim_matches('\'').to_owned(),
            ..Violation::default()
        };
    }
    let mut violation = Violation::default();
    for entry in list.split(", ") {
        if let Some((table, column)) = entry.split_once('.') {
            table.clone_into(&mut violation.table);
            violation.columns.push(column.to_owned());
        }
    }
    violation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_name_the_columns_of_a_unique_key() {
        assert_eq!(key_columns("Key (a, b)=(1, 2) already exists."), ["a", "b"]);
        let violation = failed_columns("UNIQUE constraint failed: t.a, t.b");
        assert_eq!(violation.table, "t");
        assert_eq!(violation.columns, ["a", "b"]);
        let violation = failed_columns("UNIQUE constraint failed: index 'one_per_email'");
        assert_eq!(violation.constraint, "one_per_email");
    }
}
