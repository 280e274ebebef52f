use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::{Verdict, Worker};
use crate::Result;

#[derive(Debug, Clone)]
pub(super) struct Settlement {
    pub(super) seq: i64,
    /// The attempt that ended: 1 for the first.
    pub(super) attempt: u32,
    pub(super) verdict: Verdict,
}

/// Records how dispatches ended, one statement per kind of ending. Returns the
/// waits after which rows are to be tried again.
pub(super) async fn settle(
    worker: &Worker,
    kind: &'static str,
    settlements: &[Settlement],
) -> Result<Vec<Duration>> {
    let (outbox, options) = (worker.outbox.as_ref(), &worker.options);
    let taker = &worker.port.taker;
    let mut groups: BTreeMap<(&Verdict, u32), Vec<i64>> = BTreeMap::new();
    for settlement in settlements {
        // Only the wait depends on the attempt.
        let attempt = match settlement.verdict {
            Verdict::Retry(_) => settlement.attempt,
            _ => 0,
        };
        groups
            .entry((&settlement.verdict, attempt))
            .or_default()
            .push(settlement.seq);
    }
    let mut waits = Vec::new();
    for ((verdict, attempt), rows) in groups {
        let wait = options.backoff(attempt);
        outbox.record(taker, verdict, wait, &rows).await?;
        count(outbox.service(), kind, verdict, rows.len());
        if let Verdict::Retry(why) = verdict {
            tracing::debug!(service = outbox.service(), kind, rows = rows.len(), %why, "to be sent again");
            waits.push(wait);
        }
    }
    Ok(waits)
}

/// When to look into the outbox again: at the next poll, or when a row's wait
/// ends before that.
#[derive(Debug)]
pub(super) struct Agenda {
    due: Instant,
    retries: BTreeSet<Instant>,
}

impl Agenda {
    /// Due at once: there may be rows of an earlier life.
    pub(super) fn new() -> Self {
        Self {
            due: Instant::now(),
            retries: BTreeSet::new(),
        }
    }

    pub(super) fn next(&self) -> Instant {
        self.retries
            .first()
            .map_or(self.due, |retry| self.due.min(*retry))
    }

    pub(super) fn is_due(&self) -> bool {
        self.next() <= Instant::now()
    }

    pub(super) fn at(&mut self, due: Instant) {
        self.due = self.due.min(due);
    }

    pub(super) fn retry_after(&mut self, waits: Vec<Duration>) {
        let now = Instant::now();
        self.retries
            .extend(waits.into_iter().map(|wait| now + wait));
    }

    /// Nothing is worth trying before `due`.
    pub(super) fn hold_until(&mut self, due: Instant) {
        self.due = due;
        self.retries.clear();
    }

    /// A look is being taken now; the next is due by `poll`.
    pub(super) fn looked(&mut self, poll: Duration) {
        let now = Instant::now();
        self.due = now + poll;
        self.retries = self.retries.split_off(&now);
        self.retries.remove(&now);
    }
}

fn count(service: &str, kind: &'static str, verdict: &Verdict, rows: usize) {
    let outcome = match verdict {
        Verdict::Sent => "sent",
        Verdict::Retry(_) => "retried",
        Verdict::Refused(_) => "parked",
        Verdict::Returned => return,
    };
    if let Verdict::Refused(why) = verdict {
        tracing::error!(service, kind, rows, %why, "parked in the outbox");
    }
    metrics::counter!("covergen_outbox_rows_total",
        "service" => service.to_owned(), "kind" => kind, "outcome" => outcome)
    .increment(rows as u64);
}
