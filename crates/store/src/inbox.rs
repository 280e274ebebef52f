//! What a consumer has applied: event ids, and a version per aggregate.

use sea_orm::{ConnectionTrait as _, Statement};

use crate::sql::binds;
use crate::{Result, Tx, sql};

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
            let sql = format!("DELETE FROM {table} WHERE consumer = $1");
            let values = binds![consumer];
            // Bounded by the transaction, which may be a patient one.
            self.execute_raw(Statement::from_sql_and_values(
                self.get_database_backend(),
                sql,
                values,
            ))
            .await?;
        }
        Ok(())
    }
}
