//! The outbox as a table, on either engine.

use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{DbBackend, QueryResult, Value};

use super::lead::Lead;
use super::{Due, Hub, Outbox, Taker, Verdict};
use crate::outbox::{COLUMNS, Row};
use crate::sql::binds;
use crate::{Backlog, OutboxCommand, OutboxEvent, Result, Store, sql};

/// Serialises taking events, so that of two relays none takes a later event of
/// an aggregate while the other is about to take the earlier one.
const TAKE_LOCK: i64 = 0x6576_656e_7473;

/// Longest reason kept with a row, in characters.
const MAX_REASON_CHARS: usize = 500;

/// A store's outbox, as one relay sees it.
pub(super) struct SqlOutbox {
    store: Store,
    lead: Lead,
}

impl SqlOutbox {
    pub(super) fn new(store: &Store) -> Self {
        Self {
            store: store.clone(),
            lead: Lead::new(store.file()),
        }
    }

    /// Unsent commands whose time has come and that are the first of their
    /// key, oldest first.
    async fn commands(&self, taker: &Taker, limit: usize) -> Result<Vec<Row>> {
        const FIRST_OF_KEY: &str = "(o.grouping_key = '' OR NOT EXISTS (
            SELECT 1 FROM outbox AS earlier
            WHERE earlier.kind = 'command' AND earlier.grouping_key = o.grouping_key
              AND earlier.sent_at_ms IS NULL AND earlier.parked_at_ms IS NULL
              AND earlier.seq < o.seq))";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let now = self.store.now_sql(1);
        let open = format!(
            "o.kind = 'command' AND o.sent_at_ms IS NULL AND o.parked_at_ms IS NULL
             AND o.next_attempt_ms <= {now} AND {FIRST_OF_KEY}"
        );
        let rows = if self.store.backend == DbBackend::Postgres {
            let sql = format!(
                "UPDATE outbox SET lease_owner = $2, lease_until_ms = {now} + $3
                 WHERE seq IN (
                    SELECT o.seq FROM outbox AS o
                    WHERE {open} AND (o.lease_until_ms <= {now} OR o.lease_owner = $2)
                    ORDER BY o.seq LIMIT $4 FOR UPDATE OF o SKIP LOCKED)
                 RETURNING {COLUMNS}"
            );
            let values = binds![
                sea_orm::Value::BigInt(None),
                taker.owner.clone(),
                taker.lease_ms,
                limit
            ];
            sql::all(&self.store.pools.write, sql, values).await?
        } else {
            let sql =
                format!("SELECT {COLUMNS} FROM outbox AS o WHERE {open} ORDER BY o.seq LIMIT $2");
            sql::all(
                self.store.read(),
                sql,
                binds![self.store.lease_now_bind(), limit],
            )
            .await?
        };
        in_order(&rows)
    }

    /// Unsent events whose time has come, but for those `apart`, with none
    /// before them in their aggregate that is neither, oldest first.
    async fn events(&self, taker: &Taker, limit: usize, apart: &[i64]) -> Result<Vec<Row>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = if self.store.backend == DbBackend::Postgres {
            self.take_events(taker, limit, apart).await?
        } else {
            let (among, apart) = sql::among(self.store.backend, 3, apart);
            let sql = format!(
                "SELECT {COLUMNS} FROM outbox AS o WHERE {} AND o.seq NOT {among}
                 ORDER BY o.seq LIMIT $2",
                open_events(&self.store.now_sql(1), "")
            );
            let values = binds![self.store.lease_now_bind(), limit, apart];
            sql::all(self.store.read(), sql, values).await?
        };
        in_order(&rows)
    }

    async fn take_events(
        &self,
        taker: &Taker,
        limit: i64,
        apart: &[i64],
    ) -> Result<Vec<QueryResult>> {
        let now = self.store.now_sql(1);
        let leased = format!("({{row}}.lease_until_ms > {now} AND {{row}}.lease_owner <> $2)");
        let (among, apart) = sql::among(self.store.backend, 5, apart);
        let sql = format!(
            "UPDATE outbox SET lease_owner = $2, lease_until_ms = {now} + $3
             WHERE seq IN (
                SELECT o.seq FROM outbox AS o WHERE {} AND o.seq NOT {among}
                ORDER BY o.seq LIMIT $4)
             RETURNING {COLUMNS}",
            open_events(&now, &leased)
        );
        let values = binds![
            sea_orm::Value::BigInt(None),
            taker.owner.clone(),
            taker.lease_ms,
            limit,
            apart
        ];
        // Most looks find nothing; only what may be there is worth a lock.
        let any = "SELECT 1 FROM outbox WHERE kind = 'event' AND sent_at_ms IS NULL LIMIT 1";
        if sql::one(&self.store.pools.write, any, vec![])
            .await?
            .is_none()
        {
            return Ok(Vec::new());
        }
        let tx = self.store.begin().await?;
        sql::execute(&tx, "SELECT pg_advisory_xact_lock($1)", binds![TAKE_LOCK]).await?;
        let rows = sql::all(&tx, sql, values).await?;
        tx.commit().await?;
        Ok(rows)
    }
}

#[async_trait]
impl Outbox for SqlOutbox {
    fn service(&self) -> &str {
        &self.store.service
    }

    fn hub(&self) -> &Hub {
        &self.store.hub
    }

    fn leads(&self) -> bool {
        self.lead.try_lead()
    }

    async fn due_commands(&self, taker: &Taker, limit: usize) -> Result<Vec<Due<OutboxCommand>>> {
        let rows = self.commands(taker, limit).await?;
        Ok(rows
            .into_iter()
            .map(|row| due(row, Row::into_command))
            .collect())
    }

    async fn due_events(
        &self,
        taker: &Taker,
        limit: usize,
        apart: &[i64],
    ) -> Result<Vec<Due<OutboxEvent>>> {
        let rows = self.events(taker, limit, apart).await?;
        Ok(rows
            .into_iter()
            .map(|row| due(row, Row::into_event))
            .collect())
    }

    async fn record(
        &self,
        taker: &Taker,
        verdict: &Verdict,
        wait: Duration,
        rows: &[i64],
    ) -> Result<()> {
        const LET_GO: &str = "lease_owner = '', lease_until_ms = 0";
        let store = &self.store;
        let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let (change, mut values): (String, Vec<Value>) = match verdict {
            // An event may be sent again for a week, a command never: what it
            // carried, such as a title or an address, need not stay.
            Verdict::Sent => (
                format!(
                    "sent_at_ms = {}, attempts = attempts + 1, {LET_GO},
                 payload = CASE WHEN kind = 'command' THEN $2 ELSE payload END,
                 principal = CASE WHEN kind = 'command' THEN NULL ELSE principal END",
                    store.now_sql(1)
                ),
                vec![store.now_bind(), Value::from(Vec::<u8>::new())],
            ),
            Verdict::Retry(why) => (
                format!(
                    "next_attempt_ms = {} + $2, last_error = $3, attempts = attempts + 1, {LET_GO}",
                    store.now_sql(1)
                ),
                vec![
                    store.lease_now_bind(),
                    wait_ms.into(),
                    shortened(why).into(),
                ],
            ),
            Verdict::Refused(why) => (
                format!(
                    "parked_at_ms = {}, last_error = $2, attempts = attempts + 1, {LET_GO}",
                    store.now_sql(1)
                ),
                vec![store.now_bind(), shortened(why).into()],
            ),
            Verdict::Returned => (LET_GO.to_owned(), vec![]),
        };
        let (among, list) = sql::among(store.backend, values.len() + 1, rows);
        values.push(list);
        // Said in a way that hides the indexes of unsent rows: a planner without
        // statistics takes them for small, and reads one whole for each number.
        let mut whose = "COALESCE(sent_at_ms, 0) = 0".to_owned();
        if store.backend == DbBackend::Postgres && *verdict != Verdict::Sent {
            values.push(taker.owner.clone().into());
            whose.push_str(&format!(" AND lease_owner = ${}", values.len()));
        }
        let sql = format!("UPDATE outbox SET {change} WHERE {whose} AND seq {among}");
        sql::execute(&store.pools.write, sql, values)
            .await
            .map(|_| ())
    }

    async fn give_back(&self, taker: &Taker) -> Result<()> {
        let sql = "UPDATE outbox SET lease_owner = '', lease_until_ms = 0
             WHERE sent_at_ms IS NULL AND lease_owner = $1";
        sql::execute(&self.store.pools.write, sql, binds![taker.owner.clone()])
            .await
            .map(|_| ())
    }

    async fn backlog(&self) -> Result<Backlog> {
        self.store.backlog().await
    }

    fn record_gauges(&self) {
        self.store.record_pools();
    }
}

fn in_order(rows: &[QueryResult]) -> Result<Vec<Row>> {
    let rows: Result<Vec<Row>, _> = rows.iter().map(Row::read).collect();
    let mut rows = rows?;
    rows.sort_unstable_by_key(|row| row.seq);
    Ok(rows)
}

fn due<T>(row: Row, message: impl FnOnce(Row) -> T) -> Due<T> {
    Due {
        seq: row.seq,
        attempt: u32::try_from(row.attempts + 1).unwrap_or(u32::MAX),
        message: message(row),
    }
}

fn shortened(why: &str) -> String {
    why.chars().take(MAX_REASON_CHARS).collect()
}

/// The condition on an event `o` that it may be sent now. `leased` tells that
/// `{row}` belongs to another relay; it is empty where there are no leases.
fn open_events(now: &str, leased: &str) -> String {
    let not_now = |row: &str| {
        let mut why = format!("{row}.parked_at_ms IS NOT NULL OR {row}.next_attempt_ms > {now}");
        if !leased.is_empty() {
            why = format!("{why} OR {}", leased.replace("{row}", row));
        }
        why
    };
    format!(
        "o.kind = 'event' AND o.sent_at_ms IS NULL AND NOT ({})
         AND NOT EXISTS (SELECT 1 FROM outbox AS p
            WHERE p.kind = 'event' AND p.grouping_key = o.grouping_key
              AND p.sent_at_ms IS NULL AND p.seq < o.seq AND ({}))",
        not_now("o"),
        not_now("p")
    )
}
