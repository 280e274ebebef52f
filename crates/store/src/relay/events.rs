use std::collections::HashSet;
use std::panic::AssertUnwindSafe;

use futures::{FutureExt, StreamExt as _};
use tokio::time::{Duration, Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::settle::{Agenda, Settlement, settle};
use super::{DispatchFailure, Dispatcher, Verdict, Worker};
use crate::{OutboxEvent, Result};

/// Wait between two recordings of gauges.
const GAUGES: Duration = Duration::from_secs(15);

/// Longest wait for whatever takes events, where it is not heard of.
const AWAY: Duration = Duration::from_secs(2);

/// What one round came to.
enum Round {
    /// Nothing was due.
    Idle,
    /// Something was published; there may be more.
    Progress {
        /// As much was found as was asked for.
        is_full: bool,
    },
    /// Nobody took anything, and why.
    Away(String),
    /// Nothing could be published; all of it may be tried again after this.
    Stuck(Duration, Option<String>),
}

/// Publishes events, batch after batch.
pub(super) async fn run(worker: &Worker, dispatcher: &dyn Dispatcher, stop: &CancellationToken) {
    let mut agenda = Agenda::new();
    let mut gauges = Instant::now();
    let mut returns = dispatcher.returns();
    // While the log is away, commits do not hasten the next attempt.
    let mut not_before = Instant::now();
    let mut failures = 0;
    let mut batch = worker.options.event_batch.max(1);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            Some(()) = returns.next() => {
                failures = 0;
                not_before = Instant::now();
                agenda.at(not_before);
            }
            () = worker.port.events.notified() => agenda.at(not_before),
            () = sleep_until(agenda.next()) => {}
        }
        while agenda.is_due() && !stop.is_cancelled() {
            if dispatcher.is_away() {
                // It says when it is back; the poll is a net.
                agenda.hold_until(Instant::now() + worker.options.poll());
                break;
            }
            agenda.looked(worker.options.poll());
            let round = worker.round(dispatcher, batch, &mut agenda).await;
            batch = match round {
                Ok(Round::Progress { is_full: true }) => {
                    (batch * 2).min(worker.options.max_event_batch).max(batch)
                }
                _ => worker.options.event_batch.max(1),
            };
            match round {
                Ok(Round::Idle) => failures = 0,
                Ok(Round::Progress { .. }) => {
                    failures = 0;
                    agenda.at(Instant::now());
                }
                Ok(Round::Away(why)) => {
                    if failures == 0 {
                        // Once, as it begins: all of them wait now.
                        tracing::warn!(service = worker.outbox.service(), %why, "events wait in the outbox");
                    }
                    failures += 1;
                    not_before = Instant::now() + worker.options.backoff(failures).min(AWAY);
                    agenda.hold_until(not_before);
                }
                Ok(Round::Stuck(rows_wait, why)) => {
                    if let Some(why) = why.filter(|_| failures == 0) {
                        tracing::warn!(service = worker.outbox.service(), %why, "no event could be published");
                    }
                    failures += 1;
                    let wait = worker.options.backoff(failures).max(rows_wait);
                    not_before = Instant::now() + wait;
                    agenda.hold_until(not_before);
                }
                Err(error) => {
                    tracing::warn!(service = worker.outbox.service(), %error, "events wait in the outbox");
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
    async fn round(
        &self,
        dispatcher: &dyn Dispatcher,
        batch: u32,
        agenda: &mut Agenda,
    ) -> Result<Round> {
        if !self.leads() {
            return Ok(Round::Idle);
        }
        let batch = batch as usize;
        let rows = self.outbox.due_events(&self.port.taker, batch).await?;
        if rows.is_empty() {
            return Ok(Round::Idle);
        }
        let is_full = rows.len() >= batch;
        let marks: Vec<(i64, u32, String)> = rows
            .iter()
            .map(|row| (row.seq, row.attempt, row.message.aggregate.clone()))
            .collect();
        let events = rows.into_iter().map(|row| row.message).collect();
        covergen_failpoint::pass("events", "before-publish");
        let answers = self.publish(dispatcher, events).await;
        covergen_failpoint::pass("events", "published");

        let mut held: HashSet<&str> = HashSet::new();
        let mut away = None;
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
                        DispatchFailure::Away(why) => {
                            tracing::debug!(service = self.outbox.service(), %why, "events wait");
                            away.get_or_insert(why);
                            Verdict::Returned
                        }
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
        let waits = settle(self.outbox.as_ref(), &self.options, "event", &settlements).await?;
        if stuck && let Some(why) = away {
            return Ok(Round::Away(why));
        }
        if stuck {
            let why = settlements.into_iter().find_map(|one| match one.verdict {
                Verdict::Retry(why) => Some(why),
                _ => None,
            });
            return Ok(Round::Stuck(
                waits.into_iter().max().unwrap_or_default(),
                why,
            ));
        }
        agenda.retry_after(waits);
        Ok(Round::Progress { is_full })
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

    async fn record_gauges(&self) {
        self.outbox.record_gauges();
        if let Ok(backlog) = self.outbox.backlog().await {
            let counts = [
                ("event", backlog.events),
                ("command", backlog.commands),
                ("parked", backlog.parked),
            ];
            for (kind, count) in counts {
                metrics::gauge!("covergen_outbox_waiting",
                    "service" => self.outbox.service().to_owned(), "kind" => kind)
                .set(count as f64);
            }
        }
    }
}
