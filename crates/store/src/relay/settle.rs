use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sea_orm::Value;
use tokio::time::Instant;

use super::RelayOptions;
use crate::sql::placeholders;
use crate::{Result, Store, sql};

/// Longest reason kept with a row, in characters.
const MAX_REASON_CHARS: usize = 500;

/// How one row's dispatch ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Sent,
    Retry(String),
    Refused(String),
    /// Not tried, since an earlier row of its aggregate failed.
    Returned,
}

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
    store: &Store,
    options: &RelayOptions,
    kind: &'static str,
    settlements: &[Settlement],
) -> Result<Vec<Duration>> {
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
        record(store, verdict, wait, &rows).await?;
        count(store, kind, verdict, rows.len());
        if let Verdict::Retry(why) = verdict {
            tracing::debug!(service = %store.service, kind, rows = rows.len(), %why, "to be sent again");
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

async fn record(store: &Store, verdict: &Verdict, wait: Duration, rows: &[i64]) -> Result<()> {
    const LET_GO: &str = "lease_owner = '', lease_until_ms = 0";
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
    let list = placeholders(values.len() + 1, rows.len());
    values.extend(rows.iter().map(|seq| Value::from(*seq)));
    let sql = format!("UPDATE outbox SET {change} WHERE sent_at_ms IS NULL AND seq IN ({list})");
    sql::execute(&store.pools.write, sql, values)
        .await
        .map(|_| ())
}

fn shortened(why: &str) -> String {
    why.chars().take(MAX_REASON_CHARS).collect()
}

fn count(store: &Store, kind: &'static str, verdict: &Verdict, rows: usize) {
    let outcome = match verdict {
        Verdict::Sent => "sent",
        Verdict::Retry(_) => "retried",
        Verdict::Refused(_) => "parked",
        Verdict::Returned => return,
    };
    if let Verdict::Refused(why) = verdict {
        tracing::error!(service = %store.service, kind, rows, %why, "parked in the outbox");
    }
    metrics::counter!("covergen_outbox_rows_total",
        "service" => store.service.to_string(), "kind" => kind, "outcome" => outcome)
    .increment(rows as u64);
}
