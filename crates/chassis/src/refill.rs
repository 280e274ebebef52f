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

use covergen_events::{EventLog, Position, Published, StreamInfo};
use covergen_ids::EventId;
use covergen_store::{Error, Store};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Pause between two looks at the log's end where nothing is published.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Pause after the log did not answer.
const AGAIN: Duration = Duration::from_secs(2);
/// Events at the end of the log that are read, and rows of the outbox that are
/// compared with them at a time.
const PAGE: usize = 1_000;
const PAGES: usize = 2;
/// Longer than a relay may take to note that something was sent: rows this
/// much younger than the oldest event that was read must be among those.
const SETTLE_MS: i64 = 20_000;

/// The highest number that the log gave to this service's events, as far as
/// this process knows.
#[derive(Debug, Default)]
pub(crate) struct LogEnd {
    highest: AtomicU64,
    shrunk: Notify,
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
                self.shrunk.notify_one();
            }
        }
    }

    /// Whether a log with this end has lost something since; from then on its
    /// end is what counts.
    fn is_behind(&self, info: &StreamInfo) -> bool {
        let before = self.highest.swap(info.last_sequence, Ordering::Relaxed);
        info.last_sequence < before
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
        // What could not be compared is compared next time.
        due &= looked.is_err();
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = end.shrunk.notified() => due = true,
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
    if !(end.is_behind(&info) || due) {
        return Ok(());
    }
    let lost = resend_lost(service, store, events).await?;
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

/// Marks what the outbox takes for sent and the log does not hold as unsent;
/// how many.
async fn resend_lost(
    service: &str,
    store: &Store,
    events: &dyn EventLog,
) -> Result<u64, LookError> {
    let mut lost = 0;
    loop {
        // The outbox first: what it takes for sent now must be in a log that
        // is read afterwards.
        let sent = store.sent_events(PAGE).await?;
        if sent.is_empty() {
            return Ok(lost);
        }
        let (held, since_ms) = held(service, store, events).await?;
        let missing: Vec<String> = sent
            .into_iter()
            .filter(|(id, at_ms)| *at_ms >= since_ms && !held.contains(id))
            .map(|(id, _)| id)
            .collect();
        if missing.is_empty() {
            return Ok(lost);
        }
        lost += store.resend(&missing).await?;
    }
}

/// The events at the end of the log, and since when whatever was sent must be
/// among them, by the database's clock.
async fn held(
    service: &str,
    store: &Store,
    events: &dyn EventLog,
) -> Result<(HashSet<String>, i64), LookError> {
    let info = events.stream_info(service).await?;
    let read = u64::try_from(PAGE * PAGES).unwrap_or(u64::MAX);
    let first = info.last_sequence.saturating_sub(read - 1).max(1);
    let mut held = HashSet::new();
    let mut oldest = None;
    let mut from = Position::Sequence(first);
    loop {
        let page = events.read(service, from, PAGE).await?;
        let Some(last) = page.last() else { break };
        from = Position::Sequence(last.sequence + 1);
        let ids = page.iter().map(|stored| stored.record.id);
        let ids = ids.map(|id| EventId::from_uuid(id).to_string());
        for id in ids {
            oldest.get_or_insert_with(|| id.clone());
            held.insert(id);
        }
        if held.len() >= PAGE * PAGES * 2 {
            break;
        }
    }
    if info.last_sequence == 0 || (info.first_sequence == 1 && first == 1) {
        // That is all there ever was.
        return Ok((held, 0));
    }
    if held.is_empty() {
        // Everything has left by its age, so nothing can be told to be missing.
        return Ok((held, i64::MAX));
    }
    // An event that the outbox no longer has is older than all it has.
    let oldest_ms = match &oldest {
        Some(id) => store.sent_at(id).await?.unwrap_or(0),
        None => 0,
    };
    Ok((held, oldest_ms.saturating_add(SETTLE_MS)))
}
