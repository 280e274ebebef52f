//! What an event log that lost something is given again.

use sea_orm::Value;

use crate::sql::{binds, placeholders};
use crate::{Result, Store, sql};

/// Events marked by one statement.
const CHUNK: usize = 500;

/// An event that the outbox takes for sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its place in the outbox.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// When it was sent, in Unix milliseconds by the database's clock.
    pub at_ms: i64,
}

impl Store {
    /// The events that were sent last, not before `since_ms`, the newest first;
    /// the next page begins behind the last of the one before.
    ///
    /// # Errors
    /// The database's.
    pub async fn sent_events(
        &self,
        since_ms: i64,
        behind: Option<&Sent>,
        limit: usize,
    ) -> Result<Vec<Sent>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (at_ms, seq) = behind.map_or((i64::MAX, i64::MAX), |one| (one.at_ms, one.seq));
        let rows = sql::all(
            &self.pools.write,
            "SELECT seq, id, sent_at_ms FROM outbox
             WHERE kind = 'event' AND sent_at_ms >= $1 AND sent_at_ms <= $2
                AND (sent_at_ms < $2 OR seq < $3)
             ORDER BY sent_at_ms DESC, seq DESC LIMIT $4",
            binds![since_ms, at_ms, seq, limit],
        )
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Sent {
                    seq: row.try_get("", "seq")?,
                    id: row.try_get("", "id")?,
                    at_ms: row.try_get("", "sent_at_ms")?,
                })
            })
            .collect()
    }

    /// When an event was sent, by the same clock; `None` where it was not, or
    /// is no longer kept.
    ///
    /// # Errors
    /// The database's.
    pub async fn sent_at(&self, event_id: &str) -> Result<Option<i64>> {
        let row = sql::one(
            &self.pools.write,
            "SELECT sent_at_ms FROM outbox WHERE id = $1",
            binds![event_id],
        )
        .await?;
        Ok(match row {
            Some(row) => row.try_get("", "sent_at_ms")?,
            None => None,
        })
    }

    /// Marks events as unsent, so that the relay publishes them again, in
    /// order: all of them or none, since it would take up the later ones of an
    /// aggregate before the earlier ones were marked. Returns how many there
    /// were.
    ///
    /// # Errors
    /// The database's.
    pub async fn resend(&self, event_ids: &[String]) -> Result<u64> {
        if event_ids.is_empty() {
            return Ok(0);
        }
        let tx = self.begin().await?;
        let mut marked = 0;
        for chunk in event_ids.chunks(CHUNK) {
            let list = placeholders(1, chunk.len());
            let ids = chunk.iter().map(|id| Value::from(id.as_str()));
            let done = sql::execute(
                &tx,
                format!(
                    "UPDATE outbox SET sent_at_ms = NULL, attempts = 0, next_attempt_ms = 0
                     WHERE kind = 'event' AND sent_at_ms IS NOT NULL AND id IN ({list})"
                ),
                ids.collect::<Vec<_>>(),
            )
            .await?;
            marked += done.rows_affected();
        }
        tx.commit().await?;
        self.hub.wake_events();
        Ok(marked)
    }
}
