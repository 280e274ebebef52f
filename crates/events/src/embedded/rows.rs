use std::collections::BTreeMap;

use sea_orm::sqlx::Row;
use sea_orm::sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;
use uuid::Uuid;

use super::failure;
use crate::{DeadLetter, Error, Record, Result, Stored, Subject};

/// Milliseconds since 1970 by the machine's clock.
pub(super) fn now_ms() -> i64 {
    to_ms(OffsetDateTime::now_utc())
}

pub(super) fn to_ms(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

fn from_ms(ms: i64) -> Result<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .map_err(|e| Error::Corrupt(format!("time: {e}")))
}

pub(super) fn to_u64(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

pub(super) fn to_i64(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn record(row: &SqliteRow) -> Result<Record> {
    let corrupt = |what: &str| Error::Corrupt(format!("message {what}"));
    let id: &str = row.try_get("id").map_err(failure)?;
    let subject: &str = row.try_get("subject").map_err(failure)?;
    let headers: &str = row.try_get("headers").map_err(failure)?;
    let payload: Vec<u8> = row.try_get("payload").map_err(failure)?;
    let headers: BTreeMap<String, String> =
        serde_json::from_str(headers).map_err(|_| corrupt("headers"))?;
    Ok(Record {
        id: Uuid::parse_str(id).map_err(|_| corrupt("id"))?,
        subject: Subject::parse(subject)?,
        payload: payload.into(),
        headers,
    })
}

/// Reads a row of `messages`.
pub(super) fn stored(row: &SqliteRow) -> Result<Stored> {
    Ok(Stored {
        record: record(row)?,
        sequence: to_u64(row.try_get("sequence").map_err(failure)?),
        published_at: from_ms(row.try_get("published_at").map_err(failure)?)?,
    })
}

/// Reads a row of `dead_letters`.
pub(super) fn dead_letter(row: &SqliteRow) -> Result<DeadLetter> {
    let count: i64 = row.try_get("delivery_count").map_err(failure)?;
    Ok(DeadLetter {
        sequence: to_u64(row.try_get("sequence").map_err(failure)?),
        durable: row.try_get("durable").map_err(failure)?,
        record: record(row)?,
        delivery_count: u32::try_from(count).unwrap_or(u32::MAX),
        reason: row.try_get("reason").map_err(failure)?,
        parked_at: from_ms(row.try_get("parked_at").map_err(failure)?)?,
    })
}
