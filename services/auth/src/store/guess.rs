//! Failed guesses, counted per subject: the hash of an address or a user id,
//! whether anybody is behind it or not.

use covergen_store::{Error, Tx};
use sea_orm::{ConnectionTrait, Statement};

use crate::domain::lockout::{FORGET_AFTER_MS, lock_ms};

/// Whether guessing at a subject is stopped.
pub(crate) async fn is_locked(
    db: &impl ConnectionTrait,
    subject: &str,
    now_ms: i64,
) -> Result<bool, Error> {
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT 1 AS locked FROM failed_guesses WHERE subject = $1 AND locked_until_ms > $2",
        [subject.into(), now_ms.into()],
    );
    Ok(db.query_one_raw(statement).await?.is_some())
}

/// Counts a failure, and locks once there are too many.
pub(crate) async fn fail(tx: &Tx, subject: &str) -> Result<(), Error> {
    let (backend, now) = (tx.get_database_backend(), tx.now_ms());
    // The row stays locked until the commit, so every failure is counted and
    // each sees its own number.
    let count = Statement::from_sql_and_values(
        backend,
        "INSERT INTO failed_guesses AS known (subject, failures, locked_until_ms, updated_at_ms)
         VALUES ($1, 1, 0, $2)
         ON CONFLICT (subject) DO UPDATE SET
            failures = CASE WHEN known.updated_at_ms < $3 THEN 1 ELSE known.failures + 1 END,
            updated_at_ms = excluded.updated_at_ms
         RETURNING failures",
        [subject.into(), now.into(), (now - FORGET_AFTER_MS).into()],
    );
    let failures: i64 = match tx.query_one_raw(count).await? {
        Some(row) => row.try_get("", "failures")?,
        None => return Ok(()),
    };
    let lock = lock_ms(failures);
    if lock > 0 {
        let statement = Statement::from_sql_and_values(
            backend,
            "UPDATE failed_guesses SET locked_until_ms = $2 WHERE subject = $1",
            [subject.into(), (now + lock).into()],
        );
        tx.execute_raw(statement).await?;
    }
    Ok(())
}

/// Forgets failures, after a success.
pub(crate) async fn clear(db: &impl ConnectionTrait, subject: &str) -> Result<(), Error> {
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        "DELETE FROM failed_guesses WHERE subject = $1",
        [subject.into()],
    );
    db.execute_raw(statement).await?;
    Ok(())
}
