use crate::sql::binds;
use crate::{Result, Store, sql};

/// What the outbox still has to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Events to publish.
    pub events: i64,
    /// Calls to make.
    pub commands: i64,
    /// Rows that were definitely refused and wait for an operator.
    pub parked: i64,
    /// When the oldest row to be sent was appended, in Unix milliseconds.
    pub oldest_ms: Option<i64>,
}

/// A row that was definitely refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedRow {
    /// The event's or command's id.
    pub id: String,
    /// `event` or `command`.
    pub kind: String,
    /// Event type or command name.
    pub name: String,
    /// The aggregate or the command's key.
    pub key: String,
    /// The reason it was refused for.
    pub last_error: String,
    /// When it was parked, in Unix milliseconds.
    pub parked_at_ms: i64,
}

impl Store {
    /// Counts what the outbox still has to send.
    ///
    /// # Errors
    /// The database's.
    pub async fn backlog(&self) -> Result<Backlog> {
        let rows = sql::all(
            self.read(),
            "SELECT kind, CASE WHEN parked_at_ms IS NULL THEN 0 ELSE 1 END AS is_parked,
                count(*) AS waiting, min(occurred_at_ms) AS oldest_ms
             FROM outbox WHERE sent_at_ms IS NULL GROUP BY 1, 2",
            vec![],
        )
        .await?;
        let mut backlog = Backlog::default();
        for row in rows {
            let waiting: i64 = row.try_get("", "waiting")?;
            let kind: String = row.try_get("", "kind")?;
            if row.try_get::<i32>("", "is_parked")? == 1 {
                backlog.parked += waiting;
                continue;
            }
            if kind == "event" {
                backlog.events += waiting;
            } else {
                backlog.commands += waiting;
            }
            let oldest_ms: i64 = row.try_get("", "oldest_ms")?;
            backlog.oldest_ms = Some(backlog.oldest_ms.map_or(oldest_ms, |ms| ms.min(oldest_ms)));
        }
        Ok(backlog)
    }

    /// Rows that were definitely refused, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn parked(&self, limit: u32) -> Result<Vec<ParkedRow>> {
        let rows = sql::all(
            self.read(),
            "SELECT id, kind, name, grouping_key, last_error, parked_at_ms FROM outbox
             WHERE sent_at_ms IS NULL AND parked_at_ms IS NOT NULL ORDER BY seq LIMIT $1",
            binds![i64::from(limit)],
        )
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ParkedRow {
                    id: row.try_get("", "id")?,
                    kind: row.try_get("", "kind")?,
                    name: row.try_get("", "name")?,
                    key: row.try_get("", "grouping_key")?,
                    last_error: row.try_get("", "last_error")?,
                    parked_at_ms: row.try_get("", "parked_at_ms")?,
                })
            })
            .collect()
    }

    /// Lets a parked row be sent again. `false` when there is none of this id.
    ///
    /// # Errors
    /// The database's.
    pub async fn unpark(&self, id: &str) -> Result<bool> {
        let freed = sql::execute(
            &self.pools.write,
            "UPDATE outbox SET parked_at_ms = NULL, attempts = 0, next_attempt_ms = 0
             WHERE id = $1 AND sent_at_ms IS NULL AND parked_at_ms IS NOT NULL",
            binds![id],
        )
        .await?;
        self.hub.wake_events();
        self.hub.wake_commands();
        Ok(freed.rows_affected() == 1)
    }
}
