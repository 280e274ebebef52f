use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Duration, Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use sea_orm::DbBackend;

use super::Worker;
use super::courier::Outcome;
use super::settle::{Agenda, Settlement, settle};
use crate::outbox::{COLUMNS, Row};
use crate::sql::binds;
use crate::{Result, sql};

/// Outcomes recorded at once.
const SETTLE_BATCH: usize = 256;

/// Wait after the database could not record something.
const RECORD_AGAIN: Duration = Duration::from_millis(250);

/// Records how dispatches ended, and picks up commands that were not handed
/// over in memory.
pub(super) async fn run(
    worker: &Worker,
    mut outcomes: UnboundedReceiver<Outcome>,
    stop: &CancellationToken,
) {
    let courier = &worker.port.courier;
    let mut ended: Vec<Outcome> = Vec::new();
    let mut agenda = Agenda::new();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            _ = outcomes.recv_many(&mut ended, SETTLE_BATCH), if ended.len() < SETTLE_BATCH => {}
            () = courier.woken() => agenda.at(Instant::now()),
            () = sleep_until(agenda.next()) => {}
        }
        worker.record(&mut ended, &mut agenda).await;
        if agenda.is_due() {
            agenda.looked(worker.options.poll());
            if worker.look().await {
                agenda.at(Instant::now());
            }
        }
    }
    worker.retire();
    let deadline = Instant::now() + worker.options.dispatch_timeout();
    while !courier.in_flight().is_empty() && Instant::now() < deadline {
        if ended.is_empty() {
            let next = outcomes.recv_many(&mut ended, SETTLE_BATCH);
            if timeout_at(deadline, next).await.is_err() {
                break;
            }
        }
        worker.record(&mut ended, &mut agenda).await;
        if !ended.is_empty() {
            // The database does not take it; the rows are sent again.
            break;
        }
    }
}

impl Worker {
    /// Records what ended, and notes when to look into the outbox again.
    async fn record(&self, ended: &mut Vec<Outcome>, agenda: &mut Agenda) {
        if ended.is_empty() {
            return;
        }
        let settlements: Vec<Settlement> = ended
            .iter()
            .map(|outcome| outcome.settlement.clone())
            .collect();
        match settle(&self.store, &self.options, "command", &settlements).await {
            Ok(waits) => {
                let courier = &self.port.courier;
                {
                    let mut in_flight = courier.in_flight();
                    for settlement in &settlements {
                        in_flight.remove(&settlement.seq);
                    }
                }
                ended.clear();
                agenda.retry_after(waits);
                if courier.recheck() {
                    agenda.at(Instant::now());
                }
            }
            Err(error) => {
                tracing::warn!(service = %self.store.service, %error, "sent commands are not recorded");
                agenda.at(Instant::now() + RECORD_AGAIN);
            }
        }
    }

    /// Dispatches due commands out of the outbox; answers whether there may be
    /// more of them right now.
    async fn look(&self) -> bool {
        let courier = &self.port.courier;
        let room = courier.room();
        if room == 0 || !self.leads() {
            courier.set_recheck(room == 0);
            return false;
        }
        let limit = room + courier.in_flight().len();
        match self.due_commands(limit).await {
            Ok(rows) => {
                let full = rows.len() >= limit;
                let idle = rows.is_empty() && courier.in_flight().is_empty();
                for row in rows {
                    courier.dispatch(row.seq, row.into_command());
                }
                // A later row of a key comes into view when the one before is
                // recorded; with nothing in flight, nothing waits like that.
                courier.set_recheck(!idle);
                full && courier.room() > 0
            }
            Err(error) => {
                tracing::warn!(service = %self.store.service, %error, "the outbox cannot be read");
                false
            }
        }
    }

    /// Unsent commands whose time has come and that are the first of their
    /// key, oldest first.
    async fn due_commands(&self, limit: usize) -> Result<Vec<Row>> {
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
                self.port.id.clone(),
                self.port.lease_ms,
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
        let rows: Result<Vec<Row>, _> = rows.iter().map(Row::read).collect();
        let mut rows = rows?;
        rows.sort_unstable_by_key(|row| row.seq);
        Ok(rows)
    }
}
