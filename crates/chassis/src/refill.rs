//! An event log that lost its end, such as one restored from a copy, is given
//! again what the outbox still has (docs/adr/030).
//!
//! What the log numbers only grows, so an answer with a number given before, or
//! another event where one stood, says that something is gone. Then, at the
//! start of the process, and when a connection is made anew, what the outbox
//! takes for sent is compared with what the log holds.

mod end;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use covergen_events::{EventLog, Position, Stored, StreamInfo};
use covergen_ids::EventId;
use covergen_store::{Error, Sent, Store};
use tokio_util::sync::CancellationToken;

use self::end::Mark;

pub(crate) use self::end::LogEnd;

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

/// Looks after a service's stream until shutdown.
pub(crate) async fn run(
    service: &'static str,
    store: Store,
    events: Arc<dyn EventLog>,
    end: Arc<LogEnd>,
    shutdown: CancellationToken,
) {
    let mut due = true;
    let mut link = events.link();
    loop {
        let looked = look(service, &store, events.as_ref(), &end, due).await;
        if let Err(error) = &looked {
            tracing::debug!(service, %error, "the end of the log cannot be looked at");
        }
        let pause = if looked.is_ok() { LOOK_EVERY } else { AGAIN };
        due &= looked.is_err();
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = end.shrunk() => {}
            // It may be another server, or one with an older copy.
            () = link.renewed() => due = true,
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
    let marks = end.marks();
    let info = events.stream_info(service).await?;
    look_at_marks(service, events, end, &marks, &info).await?;
    if due {
        end.compare_from(info.last_sequence);
    }
    let Some(from) = end.from() else {
        return Ok(());
    };
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

/// Looks whether the events that the log is known to have held, newest first,
/// are where they were, and what stands at its end now. Numbers alone tell too
/// little: others may have published as many as were lost.
async fn look_at_marks(
    service: &str,
    events: &dyn EventLog,
    end: &LogEnd,
    marks: &[Mark],
    info: &StreamInfo,
) -> Result<(), LookError> {
    end.ends_with(info.last_sequence);
    let mut lost = 0;
    let mut held = None;
    for mark in marks {
        if has_left(info, mark.sequence) {
            break;
        }
        if mark.sequence <= info.last_sequence
            && event_at(service, events, mark.sequence).await?.as_ref() == Some(mark)
        {
            held = Some(*mark);
            break;
        }
        lost += 1;
    }
    if let Some(first) = marks[..lost].last() {
        // What followed upon the newest that is there may be gone.
        let from = held.map_or(first.sequence, |held| held.sequence);
        end.lost(&marks[..lost], from.min(info.last_sequence));
    }
    if let Some(held) = held {
        end.saw(held);
    }
    let known = held.map_or(0, |held| held.sequence);
    if info.messages > 0
        && info.last_sequence > known
        && let Some(last) = event_at(service, events, info.last_sequence).await?
    {
        end.saw(last);
    }
    Ok(())
}

/// Whether what stood at a place has left the log by its age.
const fn has_left(info: &StreamInfo, sequence: u64) -> bool {
    if info.messages == 0 {
        info.last_sequence >= sequence
    } else {
        info.first_sequence > sequence
    }
}

async fn event_at(
    service: &str,
    events: &dyn EventLog,
    sequence: u64,
) -> Result<Option<Mark>, LookError> {
    let at = Position::Sequence(sequence);
    let page = events.read(service, at, 1).await?;
    let there = page.first().filter(|stored| stored.sequence == sequence);
    Ok(there.map(|stored| Mark {
        sequence,
        id: stored.record.id,
    }))
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
