//! What an event log that lost something is given again.

use sea_orm::Value;

use crate::sql::{binds, placeholders};
use crate::{Result, Store, sql};

impl Store {
    /// Ids of the events that were sent last, with when, in Unix milliseconds
    /// by the database's clock; the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn sent_events(&self, limit: usize) -> Result<Vec<(String, i64)>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = sql::all(
            &self.pools.write,
            "SELECT id, sent_at_ms FROM outbox
             WHERE kind = 'event' AND sent_at_ms IS NOT NULL
             ORDER BY sent_at_ms DESC LIMIT $1",
            binds![limit],
        )
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("", "id")?, row.try_get("", "sent_at_ms")?)))
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
    /// order. Returns how many there were.
    ///
    /// # Errors
    /// The database's.
    pub async fn resend(&self, event_ids: &[String]) -> Result<u64> {
        if event_ids.is_empty() {
            return Ok(0);
        }
        let list = placeholders(1, event_ids.len());
        let ids = event_ids.iter().map(|id| Value::from(id.as_str()));
        let marked = sql::execute(
            &self.pools.write,
            format!(
                "UPDATE outbox SET sent_at_ms = NULL, attempts = 0, next_attempt_ms = 0
                 WHERE kind = 'event' AND sent_at_ms IS NOT NULL AND id IN ({list})"
            ),
            ids.collect::<Vec<_>>(),
        )
        .await?;
        self.hub.wake_events();
        Ok(marked.rows_affected())
    }
}
