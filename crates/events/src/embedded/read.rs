use sea_orm::sqlx::{self, Row, SqlitePool};

use super::failure;
use super::rows::{dead_letter, stored, to_i64, to_ms, to_u64};
use crate::{ConsumerInfo, DeadLetter, Error, Position, Result, Stored, StreamInfo};

/// Answers whether a stream is declared.
pub(crate) async fn check_stream(pool: &SqlitePool, stream: &str) -> Result<i64> {
    sqlx::query_scalar("SELECT last_sequence FROM streams WHERE name = ?1")
        .bind(stream)
        .fetch_optional(pool)
        .await
        .map_err(failure)?
        .ok_or_else(|| Error::UnknownStream(stream.to_owned()))
}

/// Events from a position on, oldest first.
pub(crate) async fn read(
    pool: &SqlitePool,
    stream: &str,
    from: Position,
    limit: usize,
) -> Result<Vec<Stored>> {
    let last = check_stream(pool, stream).await?;
    let (sequence, at) = match from {
        Position::Beginning => (0, i64::MIN),
        Position::Sequence(sequence) => (to_i64(sequence), i64::MIN),
        Position::Time(at) => (0, to_ms(at)),
        Position::End => (last.saturating_add(1), i64::MIN),
    };
    let rows = sqlx::query(
        "SELECT * FROM messages WHERE stream = ?1 AND sequence >= ?2 AND published_at >= ?3 \
         ORDER BY sequence LIMIT ?4",
    )
    .bind(stream)
    .bind(sequence)
    .bind(at)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(pool)
    .await
    .map_err(failure)?;
    rows.iter().map(stored).collect()
}

/// Dead letters above a sequence, oldest first.
pub(crate) async fn dead_letters(
    pool: &SqlitePool,
    stream: &str,
    after: u64,
    limit: usize,
) -> Result<Vec<DeadLetter>> {
    check_stream(pool, stream).await?;
    let rows = sqlx::query(
        "SELECT * FROM dead_letters WHERE stream = ?1 AND sequence > ?2 \
         ORDER BY sequence LIMIT ?3",
    )
    .bind(stream)
    .bind(to_i64(after))
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(pool)
    .await
    .map_err(failure)?;
    rows.iter().map(dead_letter).collect()
}

/// What a stream holds.
pub(crate) async fn stream_info(pool: &SqlitePool, stream: &str) -> Result<StreamInfo> {
    let last = check_stream(pool, stream).await?;
    let row = sqlx::query(
        "SELECT count(*) AS messages, coalesce(min(sequence), 0) AS first, \
         (SELECT count(*) FROM dead_letters WHERE stream = ?1) AS dead \
         FROM messages WHERE stream = ?1",
    )
    .bind(stream)
    .fetch_one(pool)
    .await
    .map_err(failure)?;
    Ok(StreamInfo {
        messages: to_u64(row.try_get("messages").map_err(failure)?),
        first_sequence: to_u64(row.try_get("first").map_err(failure)?),
        last_sequence: to_u64(last),
        dead_letters: to_u64(row.try_get("dead").map_err(failure)?),
    })
}

/// How far a consumer is.
pub(crate) async fn consumer_info(
    pool: &SqlitePool,
    stream: &str,
    durable: &str,
) -> Result<ConsumerInfo> {
    let row = sqlx::query(
        "SELECT (SELECT count(*) FROM messages m WHERE m.stream = c.stream \
                 AND m.sequence > c.cursor) AS pending, \
                (SELECT count(*) FROM in_flight f WHERE f.stream = c.stream \
                 AND f.durable = c.durable) AS in_flight \
         FROM consumers c WHERE c.stream = ?1 AND c.durable = ?2",
    )
    .bind(stream)
    .bind(durable)
    .fetch_optional(pool)
    .await
    .map_err(failure)?
    .ok_or_else(|| Error::UnknownConsumer {
        stream: stream.to_owned(),
        durable: durable.to_owned(),
    })?;
    Ok(ConsumerInfo {
        pending: to_u64(row.try_get("pending").map_err(failure)?),
        in_flight: to_u64(row.try_get("in_flight").map_err(failure)?),
    })
}

/// Every stream of the file.
pub(crate) async fn streams(pool: &SqlitePool) -> Result<Vec<String>> {
    sqlx::query_scalar("SELECT name FROM streams ORDER BY name")
        .fetch_all(pool)
        .await
        .map_err(failure)
}
