//! An event log that lost its end, such as one restored from a copy, is given
//! again what the outbox still has (docs/adr/030).
//!
//! What the log numbers only grows, so an answer with a number seen before, or
//! an end below it, says that something is gone. Then, and at the start of the
//! process, what the outbox takes for sent is compared with what the log holds.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use covergen_events::{EventLog, Position, Published, Stored, StreamInfo};
use covergen_ids::EventId;
use covergen_store::{Error, Sent, Store};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Pause between two looks at the log's end where nothing is published.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Pause after the log did not answer.
const AGAIN: Duration = Duration::from_secs(2);
/// Events of the log, and rows of the outbox, that are read at a time.
const PAGE: usize = 1_000;
/// Events before the one that the log is known to have shrunk to that are read
/// as well: by the time that is noticed, others may have published.
const MARGIN: u64 = 2_000;
/// Longer than a relay may take to note that something was sent: rows this
/// much younger than the oldest event that was read must be among those.
const SETTLE_MS: i64 = 20_000;
/// Nothing is known to be lost.
const WHOLE: u64 = u64::MAX;

/// The highest number that the log gave to this service's events, as far as
/// this process knows.
#[derive(Debug)]
pub(crate) struct LogEnd {
    highest: AtomicU64,
    /// The lowest number from which the log is to be compared. It stays until
    /// a comparison has come to its end: the log grows meanwhile, by what is
    /// sent again, and its own end tells nothing any more.
    from: AtomicU64,
    shrunk: Notify,
}

impl Default for LogEnd {
    fn default() -> Self {
        Self {
            highest: AtomicU64::new(0),
            from: AtomicU64::new(WHOLE),
            shrunk: Notify::new(),
        }
    }
}

impl LogEnd {
    /// Notes the numbers that published events were given.
    pub(crate) fn note(&self, published: &[Published]) {
        let new = published.iter().filter(|one| !one.duplicate);
        for one in new {
            let before = self.highest.fetch_max(one.sequence, Ordering::Relaxed);
            // Events of two relays may overtake each other by a few on the way
            // back, which costs a look and no more.
            if one.sequence < before {
                self.compare_from(one.sequence);
                self.shrunk.notify_one();
            }
        }
    }

    /// Notes the log's end: below what was known, it has lost something since;
    /// from then on this end is what counts.
    fn note_end(&self, info: &StreamInfo) {
        let before = self.highest.swap(info.last_sequence, Ordering::Relaxed);
        if info.last_sequence < before {
            self.compare_from(info.last_sequence);
        }
    }

    fn compare_from(&self, sequence: u64) {
        self.from.fetch_min(sequence, Ordering::Relaxed);
    }

    /// A comparison from there is done, unless one from before it is due.
    fn compared_from(&self, sequence: u64) {
        let ordering = Ordering::Relaxed;
        let _ = self
            .from
            .compare_exchange(sequence, WHOLE, ordering, ordering);
    }
}

/// Looks after a service's stream until shutdown.
pub(crate) async fn run(
    service: &'static str,
    store: Store,
    events: Arc<dyn EventLog>,
    end: Arc<LogEnd>,
    shutdown: CancellationToken,
) {
    let mut due = true;
    loop {
        let looked = look(service, &store, events.as_ref(), &end, due).await;
        if let Err(error) = &looked {
            tracing::debug!(service, %error, "the end of the log cannot be looked at");
        }
        let pause = if looked.is_ok() { LOOK_EVERY } else { AGAIN };
        due &= looked.is_err();
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = end.shrunk.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Why a look at the log came to nothing.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error("{0}")]
    Log(#[from] covergen_events::Error),
    #[error("{0}")]
    Store(#[from] Error),
}

async fn look(
    service: &'static str,
    store: &Store,
    events: &dyn EventLog,
    end: &LogEnd,
    due: bool,
) -> Result<(), LookError> {
    let info = events.stream_info(service).await?;
    end.note_end(&info);
    if due {
        end.compare_from(info.last_sequence);
    }
    let from = end.from.load(Ordering::Relaxed);
    if from == WHOLE {
        return Ok(());
    }
    let lost = resend_lost(service, store, events, from).await?;
    end.compared_from(from);
    if lost > 0 {
        tracing::warn!(
            service,
            lost,
            "the event log lost its end; its events are sent again"
        );
        metrics::counter!("events_refilled_total", "service" => service).increment(lost);
    }
    Ok(())
}

/// Marks what the outbox takes for sent and the log, from about there on, does
/// not hold as unsent; how many.
async fn resend_lost(
    service: &str,
    store: &Store,
    events: &dyn EventLog,
    from: u64,
) -> Result<u64, LookError> {
    let Some(bound) = bound(service, store, events, from).await? else {
        return Ok(0);
    };
    // The outbox first: what it takes for sent now must be in a log that is
    // read afterwards.
    let mut sent: Vec<Sent> = Vec::new();
    loop {
        let page = store.sent_events(bound.since_ms, sent.last(), PAGE).await?;
        let is_last = page.len() < PAGE;
        sent.extend(page);
        if is_last {
            break;
        }
    }
    let held = held(service, events, bound.first).await?;
    // All are known before any is marked: what is sent again becomes the
    // newest, among which the rest could not be found any more.
    sent.retain(|one| !held.contains(&one.id));
    sent.sort_unstable_by_key(|one| one.seq);
    let lost: Vec<String> = sent.into_iter().map(|one| one.id).collect();
    Ok(store.resend(&lost).await?)
}

/// Where the log is read from, and since when, by the database's clock,
/// whatever was sent must be in what is read.
struct Bound {
    first: u64,
    since_ms: i64,
}

/// `None` where nothing can be told to be missing: all that the log held has
/// left it by its age.
async fn bound(
    service: &str,
    store: &Store,
    events: &dyn EventLog,
    from: u64,
) -> Result<Option<Bound>, LookError> {
    let info = events.stream_info(service).await?;
    let lowest = info.first_sequence.max(1);
    let mut first = from.saturating_sub(MARGIN).max(lowest);
    let mut needed_ms = None;
    loop {
        if info.last_sequence == 0 || first == 1 {
            // That is all there ever was.
            return Ok(Some(Bound { first, since_ms: 0 }));
        }
        let Some(at_ms) = sent_about(service, store, events, first).await? else {
            return Ok(None);
        };
        let since_ms = at_ms.saturating_add(SETTLE_MS);
        // What was lost was sent after the event that was looked at first.
        // Under load the margin is sent in less than a relay may take.
        if since_ms <= *needed_ms.get_or_insert(at_ms) || at_ms == 0 || first == lowest {
            return Ok(Some(Bound { first, since_ms }));
        }
        first = first.saturating_sub(MARGIN).max(lowest);
    }
}

/// When the event at a place of the log was sent: the first one there that the
/// outbox takes for sent. An event that it no longer has is older than all it
/// has.
async fn sent_about(
    service: &str,
    store: &Store,
    events: &dyn EventLog,
    sequence: u64,
) -> Result<Option<i64>, LookError> {
    let page = events
        .read(service, Position::Sequence(sequence), 10)
        .await?;
    for stored in &page {
        if let Some(at_ms) = store.sent_at(&id_of(stored)).await? {
            return Ok(Some(at_ms));
        }
    }
    Ok((!page.is_empty()).then_some(0))
}

/// The events of the log from a place on.
async fn held(
    service: &str,
    events: &dyn EventLog,
    first: u64,
) -> Result<HashSet<String>, LookError> {
    // What is published meanwhile was not sent when the outbox was read.
    let end = events.stream_info(service).await?.last_sequence;
    let mut held = HashSet::new();
    let mut next = first;
    while next <= end {
        let page = events.read(service, Position::Sequence(next), PAGE).await?;
        let Some(last) = page.last() else { break };
        next = last.sequence + 1;
        held.extend(page.iter().map(id_of));
    }
    Ok(held)
}

fn id_of(stored: &Stored) -> String {
    EventId::from_uuid(stored.record.id).to_string()
}
