use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use crate::sql::binds;
use crate::{Result, Store, sql};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Sent rows stay this long, so that a log that lost its tail is refilled.
const OUTBOX_DAYS: i64 = 7;

/// Longer than the event log keeps an event, so that one which comes again is
/// still known.
const INBOX_DAYS: i64 = 35;

/// Rows deleted by one statement; small, since writers wait meanwhile.
const BATCH: u64 = 500;

/// Statements per table and call.
const ROUNDS: u32 = 200;

/// How many rows [`Store::maintain`] deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Maintained {
    /// Sent events and commands.
    pub outbox: u64,
    /// Replies kept for replays.
    pub claims: u64,
    /// Event ids of consumers, and attempts at events.
    pub inbox: u64,
    /// Ended jobs of operators.
    pub jobs: u64,
}

impl Store {
    /// Deletes what has served its time: sent outbox rows after 7 days, claims
    /// after 24 hours, inbox rows after 35 days, ended jobs after 7. Call it every hour or so; any
    /// number of processes may.
    ///
    /// # Errors
    /// The database's; what was deleted before stays deleted.
    pub async fn maintain(&self) -> Result<Maintained> {
        Ok(Maintained {
            outbox: self
                .purge(
                    "outbox",
                    "seq",
                    &format!("sent_at_ms <= {}", self.before(OUTBOX_DAYS)),
                )
                .await?,
            claims: self
                .purge(
                    "idempotency_claims",
                    "principal, method, claim_key",
                    &format!("expires_at_ms <= {}", self.stable_now()),
                )
                .await?,
            inbox: self
                .purge(
                    "inbox",
                    "consumer, event_id",
                    &format!("received_at_ms <= {}", self.before(INBOX_DAYS)),
                )
                .await?
                + self
                    .purge(
                        "inbox_attempts",
                        "consumer, event_id",
                        &format!("begun_at_ms <= {}", self.before(INBOX_DAYS)),
                    )
                    .await?,
            jobs: self
                .purge(
                    "event_jobs",
                    "id",
                    &format!(
                        "state <> 'waiting' AND updated_at_ms <= {}",
                        self.before(OUTBOX_DAYS)
                    ),
                )
                .await?,
        })
    }

    fn before(&self, days: i64) -> String {
        format!("{} - {}", self.stable_now(), days * DAY_MS)
    }

    /// Now, as an expression that an index can be asked by: one whose value may
    /// change while the statement runs would have every row looked at.
    fn stable_now(&self) -> String {
        sql::now(self.backend, 1).replace("clock_timestamp()", "statement_timestamp()")
    }

    async fn purge(&self, table: &str, key: &str, over: &str) -> Result<u64> {
        let sql = if self.backend == DbBackend::Postgres {
            // By their places: whatever statistics say, no other row is read.
            format!(
                "DELETE FROM {table} WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM {table} WHERE {over} LIMIT {BATCH}))"
            )
        } else {
            format!(
                "DELETE FROM {table} WHERE ({key}) IN
                    (SELECT {key} FROM {table} WHERE {over} LIMIT {BATCH})"
            )
        };
        let mut purged = 0;
        for _ in 0..ROUNDS {
            let done = sql::execute(&self.pools.write, sql.as_str(), vec![self.now_bind()]).await?;
            purged += done.rows_affected();
            if done.rows_affected() < BATCH {
                break;
            }
        }
        Ok(purged)
    }

    /// Marks retained events as unsent from `unix_ms` on, so that the relay
    /// publishes them again, in order: for an event log that lost its tail.
    /// Returns how many. See [`Store::resend`] for those that are known to be
    /// gone.
    ///
    /// # Errors
    /// The database's.
    pub async fn republish_since(&self, unix_ms: i64) -> Result<u64> {
        // All that is retained may be a week's.
        let tx = self.begin().await?.patient().await?;
        let marked = tx
            .execute_raw(Statement::from_sql_and_values(
                self.backend,
                "UPDATE outbox SET sent_at_ms = NULL, attempts = 0, next_attempt_ms = 0
                 WHERE kind = 'event' AND sent_at_ms >= $1",
                binds![unix_ms],
            ))
            .await?;
        tx.commit().await?;
        self.hub.wake_events();
        Ok(marked.rows_affected())
    }
}
