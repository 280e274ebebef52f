//! Batch after batch of events: while one is on its way, the one before it is
//! recorded and the one after it taken.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use tokio::time::{Duration, Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::settle::{Agenda, Settlement, settle};
use super::{DispatchFailure, Dispatcher, Due, Verdict, Worker};
use crate::{OutboxEvent, Result};

/// Batches of one round; then the rest of the relay has its turn.
const BATCHES: usize = 16;

/// What one round came to.
pub(super) enum Round {
    /// Nothing was due.
    Idle,
    /// Something was published; there may be more.
    Progress,
    /// Nobody took anything, and why.
    Away(String),
    /// Nothing could be published; all of it may be tried again after this.
    Stuck(Duration, Option<String>),
}

/// Rows that this relay has taken.
struct Batch {
    rows: Vec<Due<OutboxEvent>>,
    /// As many as were asked for: there may be more.
    is_full: bool,
    taken_at: Instant,
}

/// What is known of a row while its message is on its way.
struct Mark {
    seq: i64,
    attempt: u32,
    aggregate: String,
}

impl Worker {
    /// Publishes what is due, until there is no more or something fails.
    ///
    /// Two batches overlap as long as all is taken by the log, so that what is
    /// published and not recorded yet is certain, and holds nothing back.
    pub(super) async fn round(
        &self,
        dispatcher: &dyn Dispatcher,
        agenda: &mut Agenda,
        stop: &CancellationToken,
    ) -> Result<Round> {
        if !self.leads() {
            return Ok(Round::Idle);
        }
        let mut size = self.options.event_batch.max(1);
        let mut batch = self.take(size, &[]).await?;
        if batch.rows.is_empty() {
            return Ok(Round::Idle);
        }
        let mut published: Vec<Settlement> = Vec::new();
        let mut left = BATCHES;
        loop {
            left -= 1;
            let marks: Vec<Mark> = batch.rows.iter().map(Mark::of).collect();
            let apart: Vec<i64> = published
                .iter()
                .map(|one| one.seq)
                .chain(marks.iter().map(|mark| mark.seq))
                .collect();
            size = (size * 2).min(self.options.max_event_batch).max(size);
            let goes_on = batch.is_full && left > 0 && !stop.is_cancelled();
            let events = batch.rows.into_iter().map(|row| row.message).collect();
            let (answers, recorded, next) = tokio::join!(
                self.publish(dispatcher, events),
                self.record_events(&published),
                async {
                    match goes_on {
                        true => self.take(size, &apart).await.map(Some),
                        false => Ok(None),
                    }
                },
            );
            let outcome = Outcome::of(&marks, answers);
            match next {
                Ok(Some(next))
                    if recorded.is_ok()
                        && outcome.all_sent()
                        && !stop.is_cancelled()
                        && self.may_send(&next) =>
                {
                    published = outcome.settlements;
                    batch = next;
                }
                next => {
                    let ahead = next.as_ref().ok().and_then(Option::as_ref);
                    let mut rest: Vec<Settlement> = ahead.map(Batch::returned).unwrap_or_default();
                    if recorded.is_err() {
                        rest.append(&mut published);
                    }
                    let round = self.conclude(outcome, rest, agenda).await?;
                    recorded?;
                    next?;
                    return Ok(round);
                }
            }
        }
    }

    async fn take(&self, size: u32, apart: &[i64]) -> Result<Batch> {
        let taken_at = Instant::now();
        let taker = &self.port.taker;
        let rows = self.outbox.due_events(taker, size as usize, apart).await?;
        Ok(Batch {
            is_full: rows.len() >= size as usize,
            rows,
            taken_at,
        })
    }

    /// Whether there is something to send, and the lease lasts as long as that
    /// may take, and the recording after it.
    fn may_send(&self, batch: &Batch) -> bool {
        let lease = Duration::from_millis(u64::from(self.options.lease_ms));
        let spare = lease.saturating_sub(self.options.dispatch_timeout());
        !batch.rows.is_empty() && batch.taken_at.elapsed() <= spare / 2
    }

    async fn record_events(&self, settlements: &[Settlement]) -> Result<Vec<Duration>> {
        settle(self, "event", settlements).await
    }

    /// Records the last batch of a round, and the rest that is known of others,
    /// and tells what the round came to.
    async fn conclude(
        &self,
        outcome: Outcome,
        rest: Vec<Settlement>,
        agenda: &mut Agenda,
    ) -> Result<Round> {
        let stuck = outcome.none_sent();
        let Outcome {
            mut settlements,
            away,
        } = outcome;
        settlements.extend(rest);
        let waits = self.record_events(&settlements).await?;
        if !stuck {
            agenda.retry_after(waits);
            return Ok(Round::Progress);
        }
        if let Some(why) = away {
            tracing::debug!(service = self.outbox.service(), %why, "events wait");
            return Ok(Round::Away(why));
        }
        let why = settlements.into_iter().find_map(|one| match one.verdict {
            Verdict::Retry(why) => Some(why),
            _ => None,
        });
        let wait = waits.into_iter().max().unwrap_or_default();
        Ok(Round::Stuck(wait, why))
    }

    async fn publish(
        &self,
        dispatcher: &dyn Dispatcher,
        events: Vec<OutboxEvent>,
    ) -> Vec<Result<(), DispatchFailure>> {
        covergen_failpoint::pass("events", "before-publish");
        let count = events.len();
        let failed = |why: &str| vec![Err(DispatchFailure::Retry(why.to_owned())); count];
        let publish = AssertUnwindSafe(dispatcher.publish(events)).catch_unwind();
        let answers = match timeout(self.options.dispatch_timeout(), publish).await {
            Ok(Ok(answers)) => answers,
            Ok(Err(_)) => failed("the dispatcher panicked"),
            Err(_) => failed("no answer in time"),
        };
        covergen_failpoint::pass("events", "published");
        answers
    }
}

impl Batch {
    /// All of it let go of, unpublished.
    fn returned(&self) -> Vec<Settlement> {
        let rows = self.rows.iter().map(|row| Settlement {
            seq: row.seq,
            attempt: row.attempt,
            verdict: Verdict::Returned,
        });
        rows.collect()
    }
}

impl Mark {
    fn of(row: &Due<OutboxEvent>) -> Self {
        Self {
            seq: row.seq,
            attempt: row.attempt,
            aggregate: row.message.aggregate.clone(),
        }
    }
}

/// What became of a batch.
struct Outcome {
    settlements: Vec<Settlement>,
    /// Why nobody took something.
    away: Option<String>,
}

impl Outcome {
    fn of(marks: &[Mark], answers: Vec<Result<(), DispatchFailure>>) -> Self {
        let mut held: HashSet<&str> = HashSet::new();
        let mut away = None;
        let unanswered = || {
            Err(DispatchFailure::Retry(
                "no answer for this event".to_owned(),
            ))
        };
        let answers = answers
            .into_iter()
            .chain(std::iter::repeat_with(unanswered));
        let settlements = marks.iter().zip(answers).map(|(mark, answer)| {
            let verdict = match answer {
                // Even if it got through, it is sent again behind the earlier
                // one, so that the log holds them in order.
                _ if held.contains(mark.aggregate.as_str()) => Verdict::Returned,
                Ok(()) => Verdict::Sent,
                Err(failure) => {
                    held.insert(&mark.aggregate);
                    match failure {
                        DispatchFailure::Retry(why) => Verdict::Retry(why),
                        DispatchFailure::Refused(why) => Verdict::Refused(why),
                        DispatchFailure::Away(why) => {
                            away.get_or_insert(why);
                            Verdict::Returned
                        }
                    }
                }
            };
            Settlement {
                seq: mark.seq,
                attempt: mark.attempt,
                verdict,
            }
        });
        Self {
            settlements: settlements.collect(),
            away,
        }
    }

    fn all_sent(&self) -> bool {
        let mut all = self.settlements.iter();
        all.all(|one| one.verdict == Verdict::Sent)
    }

    fn none_sent(&self) -> bool {
        let mut all = self.settlements.iter();
        all.all(|one| one.verdict != Verdict::Sent)
    }
}
