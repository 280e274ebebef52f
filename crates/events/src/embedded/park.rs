use sea_orm::sqlx::{self, Row};
use tokio::time::Instant;

use super::failure;
use super::rows::{now_ms, to_u64};
use super::state::Key;
use super::writer::Writer;
use crate::{Error, Result};

/// Messages let go in one transaction, so that publishers are not kept
/// waiting behind a large sweep.
pub(super) const EXPIRE_ROWS: u64 = 2_000;

impl Writer {
    /// Moves a message from the flight of one consumer to the dead letters.
    pub(super) async fn park(
        &mut self,
        key: &Key,
        sequence: i64,
        count: u32,
        reason: &str,
    ) -> Result<()> {
        if !self.touch(key)?.in_flight.contains_key(&sequence) {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO dead_letters (stream, durable, message_sequence, id, subject, payload, \
             headers, delivery_count, reason, parked_at) \
             SELECT stream, ?2, sequence, id, subject, payload, headers, ?3, ?4, ?5 \
             FROM messages WHERE sequence = ?1 ON CONFLICT DO NOTHING",
        )
        .bind(sequence)
        .bind(&key.durable)
        .bind(i64::from(count))
        .bind(reason)
        .bind(now_ms())
        .execute(&mut self.conn)
        .await
        .map_err(failure)?;
        self.settle(key, sequence).await
    }

    /// Puts a dead letter back into the flight of its consumer, due now.
    pub(super) async fn redrive(&mut self, stream: &str, letter: i64) -> Result<()> {
        let row =
            sqlx::query("SELECT durable, message_sequence FROM dead_letters WHERE sequence = ?1 AND stream = ?2")
                .bind(letter)
                .bind(stream)
                .fetch_optional(&mut self.conn)
                .await
                .map_err(failure)?
                .ok_or_else(|| unknown(stream, letter))?;
        let key = Key {
            stream: stream.to_owned(),
            durable: row.try_get("durable").map_err(failure)?,
        };
        let sequence: i64 = row.try_get("message_sequence").map_err(failure)?;
        self.touch(&key)?;
        // The message may have expired meanwhile. Put back under its old
        // sequence, it lies behind every other consumer's cursor.
        sqlx::query(
            "INSERT INTO messages (sequence, id, stream, subject, payload, headers, published_at) \
             SELECT message_sequence, id, stream, subject, payload, headers, ?2 \
             FROM dead_letters WHERE sequence = ?1 ON CONFLICT DO NOTHING",
        )
        .bind(letter)
        .bind(now_ms())
        .execute(&mut self.conn)
        .await
        .map_err(failure)?;
        self.discard(stream, letter).await?;
        self.fly(&key, sequence, 0, "", Instant::now()).await?;
        self.woken.push(key);
        Ok(())
    }

    /// Removes a dead letter.
    pub(super) async fn discard(&mut self, stream: &str, letter: i64) -> Result<()> {
        let done = sqlx::query("DELETE FROM dead_letters WHERE sequence = ?1 AND stream = ?2")
            .bind(letter)
            .bind(stream)
            .execute(&mut self.conn)
            .await
            .map_err(failure)?;
        if done.rows_affected() == 0 {
            return Err(unknown(stream, letter));
        }
        Ok(())
    }

    /// Lets up to [`EXPIRE_ROWS`] of a stream's oldest messages go, if they are
    /// older than the given time and not behind a sequence.
    pub(super) async fn expire(&mut self, stream: &str, up_to: i64, before_ms: i64) -> Result<u64> {
        // Sequences follow time, so only the head of the stream is looked at.
        let done = sqlx::query(
            "DELETE FROM messages WHERE sequence IN (SELECT sequence FROM \
             (SELECT sequence, published_at FROM messages \
              WHERE stream = ?1 AND sequence <= ?2 ORDER BY sequence LIMIT ?3) \
             WHERE published_at < ?4)",
        )
        .bind(stream)
        .bind(up_to)
        .bind(i64::try_from(EXPIRE_ROWS).unwrap_or(i64::MAX))
        .bind(before_ms)
        .execute(&mut self.conn)
        .await
        .map_err(failure)?;
        Ok(done.rows_affected())
    }
}

fn unknown(stream: &str, letter: i64) -> Error {
    Error::UnknownDeadLetter {
        stream: stream.to_owned(),
        sequence: to_u64(letter),
    }
}
