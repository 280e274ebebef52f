//! What a consumer has applied: event ids, and a version per aggregate; and what
//! it has begun more than once.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait as _, Statement, Value};

use crate::sql::binds;
use crate::{Error, Result, Store, Tx, sql};

/// Inbox rows of one statement: each number of them is a statement of its own
/// to prepare.
const INSERTED_AT_ONCE: usize = 16;

/// Where an event stands in its aggregate's order, for one consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// The next one: apply it.
    Apply,
    /// Applied before: acknowledge it.
    Stale,
    /// Something is missing: hand it back until `expected` has come.
    Gap {
        /// The version that comes next.
        expected: i64,
    },
}

impl Tx {
    /// Records that `consumer` applies an event, in the transaction of its
    /// effect. `false`: it was applied before, so there is nothing to do. Of two
    /// deliveries at the same time, one waits for the other's transaction.
    ///
    /// # Errors
    /// The database's.
    pub async fn first_delivery(&self, consumer: &str, event_id: &str) -> Result<bool> {
        let inserted = sql::execute(
            self,
            "INSERT INTO inbox (consumer, event_id, received_at_ms) VALUES ($1, $2, $3)
             ON CONFLICT (consumer, event_id) DO NOTHING",
            binds![consumer, event_id, self.now_ms()],
        )
        .await?;
        Ok(inserted.rows_affected() == 1)
    }

    /// As [`Tx::first_delivery`], of several events with one statement; answers
    /// the ids of those that were not applied before.
    ///
    /// # Errors
    /// The database's.
    pub async fn first_deliveries(
        &self,
        consumer: &str,
        event_ids: &[&str],
    ) -> Result<HashSet<String>> {
        // Everybody in the same order: two transactions with the same events
        // wait for each other one way only.
        let mut ids = event_ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut news = HashSet::new();
        for some in ids.chunks(INSERTED_AT_ONCE) {
            let rows: Vec<String> = (0..some.len())
                .map(|at| format!("($1, $2, ${})", at + 3))
                .collect();
            let sql = format!(
                "INSERT INTO inbox (consumer, received_at_ms, event_id) VALUES {}
                 ON CONFLICT (consumer, event_id) DO NOTHING RETURNING event_id",
                rows.join(", ")
            );
            let mut values: Vec<Value> = binds![consumer, self.now_ms()];
            values.extend(some.iter().map(|id| Value::from(*id)));
            for row in sql::all(self, sql, values).await? {
                news.insert(row.try_get("", "event_id")?);
            }
        }
        Ok(news)
    }

    /// Moves `consumer` to `version` of an aggregate if that is the next one,
    /// in the transaction of the event's effect.
    ///
    /// # Errors
    /// The database's.
    pub async fn advance(&self, consumer: &str, aggregate: &str, version: i64) -> Result<Advance> {
        let moved = if version == 1 {
            sql::execute(
                self,
                "INSERT INTO inbox_positions (consumer, aggregate, version) VALUES ($1, $2, $3)
                 ON CONFLICT (consumer, aggregate) DO NOTHING",
                binds![consumer, aggregate, version],
            )
            .await?
        } else {
            sql::execute(
                self,
                "UPDATE inbox_positions SET version = $3
                 WHERE consumer = $1 AND aggregate = $2 AND version = $3 - 1",
                binds![consumer, aggregate, version],
            )
            .await?
        };
        if moved.rows_affected() == 1 {
            return Ok(Advance::Apply);
        }
        let at = sql::one(
            self,
            "SELECT version FROM inbox_positions WHERE consumer = $1 AND aggregate = $2",
            binds![consumer, aggregate],
        )
        .await?;
        let at: i64 = at.map_or(Ok(0), |row| row.try_get("", "version"))?;
        if version <= at {
            return Ok(Advance::Stale);
        }
        Ok(Advance::Gap { expected: at + 1 })
    }

    /// Sets `consumer` to `version` of an aggregate, after its state was taken
    /// from a snapshot; `version + 1` comes next.
    ///
    /// # Errors
    /// The database's.
    pub async fn rebase(&self, consumer: &str, aggregate: &str, version: i64) -> Result<()> {
        sql::execute(
            self,
            "INSERT INTO inbox_positions (consumer, aggregate, version) VALUES ($1, $2, $3)
             ON CONFLICT (consumer, aggregate) DO UPDATE SET version = excluded.version",
            binds![consumer, aggregate, version],
        )
        .await?;
        Ok(())
    }

    /// Forgets all that `consumer` has applied, in the transaction that empties
    /// what it applied it to: from the first event on, everything applies anew.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget(&self, consumer: &str) -> Result<()> {
        for table in ["inbox", "inbox_positions"] {
            self.forget_in(table, consumer).await?;
        }
        Ok(())
    }

    /// Forgets all attempts of `consumer` at events that came again, with what
    /// it has applied: what it is told from then on counts anew.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_attempts(&self, consumer: &str) -> Result<()> {
        self.forget_in("inbox_attempts", consumer).await
    }

    async fn forget_in(&self, table: &str, consumer: &str) -> Result<()> {
        let sql = format!("DELETE FROM {table} WHERE consumer = $1");
        // Bounded by the transaction, which may be a patient one.
        self.execute_raw(Statement::from_sql_and_values(
            self.get_database_backend(),
            sql,
            binds![consumer],
        ))
        .await?;
        Ok(())
    }
}

impl Store {
    /// Notes that `consumer` begins an attempt at an event that comes again,
    /// before it does, so that one which ends the process is counted; answers
    /// which attempt it is. The delivery before counts as the first, whatever
    /// became of it.
    ///
    /// `delivery` is how often the log has handed it out, this time included.
    /// There never are more attempts than that: where as many are noted from
    /// before, they are of an earlier life, which an operator ended by handing
    /// the event out anew, and it counts anew.
    ///
    /// # Errors
    /// The database's; then nothing may begin.
    pub async fn begin_attempt(
        &self,
        consumer: &str,
        event_id: &str,
        delivery: u32,
    ) -> Result<u32> {
        let row = sql::one(
            &self.pools.write,
            "INSERT INTO inbox_attempts (consumer, event_id, attempts, begun_at_ms)
             VALUES ($1, $2, 2, $3)
             ON CONFLICT (consumer, event_id) DO UPDATE
                SET attempts = CASE WHEN inbox_attempts.attempts >= $4
                        THEN excluded.attempts ELSE inbox_attempts.attempts + 1 END,
                    begun_at_ms = excluded.begun_at_ms
             RETURNING attempts",
            binds![consumer, event_id, self.clock.now_ms(), i64::from(delivery)],
        )
        .await?
        .ok_or_else(|| Error::Unavailable("the attempt was not noted".to_owned()))?;
        let attempts: i64 = row.try_get("", "attempts")?;
        Ok(u32::try_from(attempts).unwrap_or(u32::MAX))
    }

    /// Forgets the attempts at an event that was handled, or parked.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_attempts(&self, consumer: &str, event_id: &str) -> Result<()> {
        sql::execute(
            &self.pools.write,
            "DELETE FROM inbox_attempts WHERE consumer = $1 AND event_id = $2",
            binds![consumer, event_id],
        )
        .await
        .map(|_| ())
    }
}
