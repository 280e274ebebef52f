use std::collections::HashSet;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use sea_orm::{DbBackend, QueryResult};
use tokio::time::{Duration, Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::settle::{Agenda, Settlement, Verdict, settle};
use super::{DispatchFailure, Dispatcher, Worker};
use crate::outbox::{COLUMNS, Row};
use crate::sql::binds;
use crate::{OutboxEvent, Result, sql};

/// Serialises taking events, so that of two relays none takes a later event of
/// an aggregate while the other is about to take the earlier one.
const TAKE_LOCK: i64 = 0x6576_656e_7473;

/// Wait between two recordings of gauges.
const GAUGES: Duration = Duration::from_secs(15);

/// What one round came to.
enum Round {
    /// Nothing was due.
    Idle,
    /// Something was published; there may be more.
    Progress,
    /// Nothing could be published; all of it may be tried again after this.
    Stuck(Duration),
}

/// Publishes events, batch after batch.
pub(super) async fn run(worker: &Worker, dispatcher: &dyn Dispatcher, stop: &CancellationToken) {
    let mut agenda = Agenda::new();
    let mut gauges = Instant::now();
    // While the log is away, commits do not hasten the next attempt.
    let mut not_before = Instant::now();
    let mut failures = 0;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = worker.port.events.notified() => agenda.at(not_before),
            () = sleep_until(agenda.next()) => {}
        }
        while agenda.is_due() && !stop.is_cancelled() {
            agenda.looked(worker.options.poll());
            match worker.round(dispatcher, &mut agenda).await {
                Ok(Round::Idle) => failures = 0,
                Ok(Round::Progress) => {
                    failures = 0;
                    agenda.at(Instant::now());
                }
                Ok(Round::Stuck(rows_wait)) => {
                    failures += 1;
                    let wait = worker.options.backoff(failures).max(rows_wait);
                    not_before = Instant::now() + wait;
                    agenda.hold_until(not_before);
                }
                Err(error) => {
                    tracing::warn!(service = %worker.store.service, %error, "events wait in the outbox");
                }
            }
        }
        if gauges <= Instant::now() {
            gauges = Instant::now() + GAUGES;
            worker.record_gauges().await;
        }
    }
}

impl Worker {
    async fn round(&self, dispatcher: &dyn Dispatcher, agenda: &mut Agenda) -> Result<Round> {
        if !self.leads() {
            return Ok(Round::Idle);
        }
        let rows = self.due_events().await?;
        if rows.is_empty() {
            return Ok(Round::Idle);
        }
        let marks: Vec<(i64, u32, String)> = rows
            .iter()
            .map(|row| {
                let attempt = u32::try_from(row.attempts + 1).unwrap_or(u32::MAX);
                (row.seq, attempt, row.grouping_key.clone())
            })
            .collect();
        let events = rows.into_iter().map(Row::into_event).collect();
        covergen_failpoint::pass("events", "before-publish");
        let answers = self.publish(dispatcher, events).await;
        covergen_failpoint::pass("events", "published");

        let mut held: HashSet<&str> = HashSet::new();
        let mut settlements = Vec::with_capacity(marks.len());
        let unanswered = || {
            Err(DispatchFailure::Retry(
                "no answer for this event".to_owned(),
            ))
        };
        let answers = answers
            .into_iter()
            .chain(std::iter::repeat_with(unanswered));
        for ((seq, attempt, aggregate), answer) in marks.iter().zip(answers) {
            let verdict = match answer {
                // Even if it got through, it is sent again behind the earlier
                // one, so that the log holds them in order.
                _ if held.contains(aggregate.as_str()) => Verdict::Returned,
                Ok(()) => Verdict::Sent,
                Err(failure) => {
                    held.insert(aggregate);
                    match failure {
                        DispatchFailure::Retry(why) => Verdict::Retry(why),
                        DispatchFailure::Refused(why) => Verdict::Refused(why),
                    }
                }
            };
            settlements.push(Settlement {
                seq: *seq,
                attempt: *attempt,
                verdict,
            });
        }
        let stuck = settlements.iter().all(|one| one.verdict != Verdict::Sent);
        let waits = settle(&self.store, &self.options, "event", &settlements).await?;
        if stuck {
            return Ok(Round::Stuck(waits.into_iter().max().unwrap_or_default()));
        }
        agenda.retry_after(waits);
        Ok(Round::Progress)
    }

    async fn publish(
        &self,
        dispatcher: &dyn Dispatcher,
        events: Vec<OutboxEvent>,
    ) -> Vec<Result<(), DispatchFailure>> {
        let count = events.len();
        let failed = |why: &str| vec![Err(DispatchFailure::Retry(why.to_owned())); count];
        let publish = AssertUnwindSafe(dispatcher.publish(events)).catch_unwind();
        match timeout(self.options.dispatch_timeout(), publish).await {
            Ok(Ok(answers)) => answers,
            Ok(Err(_)) => failed("the dispatcher panicked"),
            Err(_) => failed("no answer in time"),
        }
    }

    /// Unsent events whose time has come, with none before them in their
    /// aggregate that is not among them, oldest first.
    async fn due_events(&self) -> Result<Vec<Row>> {
        let limit = i64::from(self.options.event_batch.max(1));
        let rows = if self.store.backend == DbBackend::Postgres {
            self.take_events(limit).await?
        } else {
            let sql = format!(
                "SELECT {COLUMNS} FROM outbox AS o WHERE {} ORDER BY o.seq LIMIT $2",
                open_events(&self.store.now_sql(1), "")
            );
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

    async fn take_events(&self, limit: i64) -> Result<Vec<QueryResult>> {
        let now = self.store.now_sql(1);
        let leased = format!("({{row}}.lease_until_ms > {now} AND {{row}}.lease_owner <> $2)");
        let sql = format!(
            "UPDATE outbox SET lease_owner = $2, lease_until_ms = {now} + $3
             WHERE seq IN (SELECT o.seq FROM outbox AS o WHERE {} ORDER BY o.seq LIMIT $4)
             RETURNING {COLUMNS}",
            open_events(&now, &leased)
        );
        let values = binds![
            sea_orm::Value::BigInt(None),
            self.port.id.clone(),
            self.port.lease_ms,
            limit
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

    async fn record_gauges(&self) {
        self.store.record_pools();
        if let Ok(backlog) = self.store.backlog().await {
            let counts = [
                ("event", backlog.events),
                ("command", backlog.commands),
                ("parked", backlog.parked),
            ];
            for (kind, count) in counts {
                metrics::gauge!("covergen_outbox_waiting",
                    "service" => self.store.service.to_string(), "kind" => kind)
                .set(count as f64);
            }
        }
    }
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
