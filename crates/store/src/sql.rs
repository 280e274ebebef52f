//! Small helpers for the statements of this crate's own tables. `$1` is a
//! placeholder on both engines.

use std::future::Future;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, ExecResult, QueryResult, Statement, Value};

use crate::{Error, Result};

/// Longest wait for an answer to one statement. The server ends statements
/// sooner; this is for a server that has gone without a word.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_secs(12);

/// Waits for an answer, but not for ever.
pub(crate) async fn bounded<T, E>(answer: impl Future<Output = Result<T, E>>) -> Result<T>
where
    Error: From<E>,
{
    match tokio::time::timeout(ANSWER_TIMEOUT, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Error::Unavailable("no answer in time".to_owned())),
    }
}

/// The values of a statement, in the order of its placeholders.
macro_rules! binds {
    ($($value:expr),* $(,)?) => { vec![$(sea_orm::Value::from($value)),*] };
}
pub(crate) use binds;

/// Now, in Unix milliseconds, as an SQL expression over placeholder `$n`: the
/// database's clock on PostgreSQL (where the placeholder is null), the value
/// given on SQLite. One text per engine, so prepared statements are reused.
pub(crate) fn now(backend: DbBackend, n: usize) -> String {
    match backend {
        DbBackend::Postgres => {
            format!("COALESCE(${n}, (extract(epoch from clock_timestamp()) * 1000)::bigint)")
        }
        _ => format!("${n}"),
    }
}

/// What to bind to the placeholder of [`now`].
pub(crate) fn now_value(backend: DbBackend, unix_ms: i64) -> Value {
    match backend {
        DbBackend::Postgres => Value::BigInt(None),
        _ => Value::BigInt(Some(unix_ms)),
    }
}

/// `$from, $from+1, …`, for an IN list of `count` values.
pub(crate) fn placeholders(from: usize, count: usize) -> String {
    let list: Vec<String> = (from..from + count).map(|n| format!("${n}")).collect();
    list.join(", ")
}

/// A condition that a column is one of `numbers`, whose list is bound to
/// placeholder `$n`: one text however many there are, so that the prepared
/// statement is reused. A subquery, so that the list is read once and not for
/// every row.
pub(crate) fn among(backend: DbBackend, n: usize, numbers: &[i64]) -> (String, Value) {
    let list: Vec<String> = numbers.iter().map(i64::to_string).collect();
    let list = list.join(",");
    match backend {
        DbBackend::Postgres => (
            format!("IN (SELECT unnest(CAST(CAST(${n} AS text) AS bigint[])))"),
            format!("{{{list}}}").into(),
        ),
        _ => (
            format!("IN (SELECT value FROM json_each(${n}))"),
            format!("[{list}]").into(),
        ),
    }
}

pub(crate) async fn execute(
    conn: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: Vec<Value>,
) -> Result<ExecResult> {
    let backend = conn.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    bounded(conn.execute_raw(statement)).await
}

pub(crate) async fn one(
    conn: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: Vec<Value>,
) -> Result<Option<QueryResult>> {
    let backend = conn.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    bounded(conn.query_one_raw(statement)).await
}

pub(crate) async fn all(
    conn: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>> {
    let backend = conn.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    bounded(conn.query_all_raw(statement)).await
}

#[cfg(test)]
mod tests {
    use sea_orm::DbBackend;

    #[test]
    fn a_list_of_numbers_is_one_value() {
        let (condition, list) = super::among(DbBackend::Postgres, 2, &[7, -1]);
        assert!(condition.contains("$2"));
        assert_eq!(list, "{7,-1}".into());
        let (_, list) = super::among(DbBackend::Sqlite, 2, &[7, -1]);
        assert_eq!(list, "[7,-1]".into());
    }

    #[test]
    fn placeholders_count_from_the_first_free_number() {
        assert_eq!(super::placeholders(3, 2), "$3, $4");
        assert_eq!(super::placeholders(1, 0), "");
    }
}
