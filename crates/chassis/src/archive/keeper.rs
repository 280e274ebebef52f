use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use covergen_events::{Error as LogError, Position, Reader, Stored};
use covergen_ids::Clock;
use covergen_store::{Leading, Store};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{ArchiveConfig, ArchiveError, SegmentName, Shelf};

/// Events read from the log at a time.
const PAGE: usize = 500;

/// Longest wait between two looks.
const LOOK: Duration = Duration::from_secs(60);

/// What a process leads in that archives.
const LEAD: &str = "archive";

/// How long the lead lasts unless it is renewed, which it is before each
/// segment; one takes seconds.
const TERM: Duration = Duration::from_secs(60);

/// What a round archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// Segments written.
    pub segments: usize,
    /// Events in them.
    pub events: usize,
}

/// How far each stream of a process is archived.
#[derive(Debug, Clone, Default)]
pub(crate) struct Archived(Arc<Mutex<BTreeMap<String, u64>>>);

impl Archived {
    /// Sequence of the last archived event, per stream.
    pub(crate) fn all(&self) -> BTreeMap<String, u64> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set(&self, stream: &str, sequence: u64) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(stream.to_owned(), sequence);
    }
}

/// Where the archive of a stream ends.
#[derive(Debug, Clone, PartialEq, Eq)]
struct End {
    sequence: u64,
    id: Uuid,
}

/// Takes the lead in archiving a service's stream; `None` while another process
/// has it.
///
/// # Errors
/// The database's.
pub async fn lead_in_archiving(store: &Store) -> Result<Option<Leading>, covergen_store::Error> {
    store.lead(LEAD, TERM).await
}

/// Archives one stream.
#[derive(Debug)]
pub struct Keeper {
    shelf: Shelf,
    log: Reader,
    config: ArchiveConfig,
    end: Option<End>,
    /// The last segment that was looked at.
    seen: Option<SegmentName>,
    /// When the first event came to the log that is not known to be archived,
    /// in Unix milliseconds.
    waiting_since_ms: Option<i64>,
}

/// Events for a segment.
struct Batch {
    events: Vec<Stored>,
    /// No event that is still to come belongs to it.
    is_full: bool,
}

impl Keeper {
    /// A keeper of a stream's archive.
    #[must_use]
    pub const fn new(shelf: Shelf, log: Reader, config: ArchiveConfig) -> Self {
        Self {
            shelf,
            log,
            config,
            end: None,
            seen: None,
            waiting_since_ms: None,
        }
    }

    /// Archives what fills a segment or has waited long enough; with `all`,
    /// everything there is. Only one process at a time should: two may store
    /// the same events in segments of different lengths, which readers bear but
    /// which takes space for good.
    ///
    /// # Errors
    /// The log's or the object store's; what was archived before stays.
    pub async fn round(&mut self, now_ms: i64, all: bool) -> Result<Kept, ArchiveError> {
        self.archive(None, now_ms, all).await
    }

    /// As [`Keeper::round`], for as long as this process leads.
    ///
    /// # Errors
    /// Also [`ArchiveError::Superseded`] once another process leads, and
    /// [`ArchiveError::Lead`] when that cannot be told; nothing more is written.
    pub async fn round_under(
        &mut self,
        lead: &mut Leading,
        now_ms: i64,
        all: bool,
    ) -> Result<Kept, ArchiveError> {
        self.archive(Some(lead), now_ms, all).await
    }

    async fn archive(
        &mut self,
        lead: Option<&mut Leading>,
        now_ms: i64,
        all: bool,
    ) -> Result<Kept, ArchiveError> {
        let kept = self.write(lead, now_ms, all).await;
        if kept.is_err() {
            self.look_behind().await;
        }
        self.note_lag(now_ms);
        kept
    }

    async fn write(
        &mut self,
        mut lead: Option<&mut Leading>,
        now_ms: i64,
        all: bool,
    ) -> Result<Kept, ArchiveError> {
        self.catch_up().await?;
        let mut kept = Kept::default();
        loop {
            let batch = self.gather().await?;
            self.waiting_since_ms = batch.events.first().map(published_ms);
            if batch.events.is_empty() {
                return Ok(kept);
            }
            let interval = Duration::from_millis(self.config.interval_ms);
            if !all && !batch.is_full && self.lag(now_ms) < interval {
                return Ok(kept);
            }
            if let Some(lead) = &mut lead
                && !lead.renew().await?
            {
                return Err(ArchiveError::Superseded);
            }
            let after = self.end.as_ref().map_or(0, |end| end.sequence);
            let before = self.seen.as_ref();
            let name = self.shelf.write(before, after, &batch.events).await?;
            kept.segments += 1;
            kept.events += batch.events.len();
            self.seen = Some(name);
            self.end = last_of(&batch.events);
        }
    }

    /// Tells how far the archive is, whoever writes it; writes nothing.
    ///
    /// # Errors
    /// The log's or the object store's; then it is told as far as it is known.
    async fn watch(&mut self, now_ms: i64) -> Result<(), ArchiveError> {
        let caught_up = self.catch_up().await;
        self.look_behind().await;
        self.note_lag(now_ms);
        caught_up
    }

    /// Notes since when an event waits that is not known to be archived. Where
    /// the log cannot be asked it goes on waiting.
    async fn look_behind(&mut self) {
        let stream = self.shelf.stream();
        match self.log.read(stream, self.next(), 1).await {
            Ok(page) => self.waiting_since_ms = page.first().map(published_ms),
            Err(LogError::UnknownStream(_)) => self.waiting_since_ms = None,
            Err(error) => tracing::debug!(stream, %error, "what waits cannot be looked at"),
        }
    }

    /// Sequence of the last event that is archived, as of the last round.
    #[must_use]
    pub fn archived_up_to(&self) -> u64 {
        self.end.as_ref().map_or(0, |end| end.sequence)
    }

    /// How long the first event waits that is not known to be archived: none
    /// where there is no such event.
    #[must_use]
    pub fn lag(&self, now_ms: i64) -> Duration {
        let waited = self
            .waiting_since_ms
            .map_or(0, |since| now_ms.saturating_sub(since));
        Duration::from_millis(u64::try_from(waited).unwrap_or(0))
    }

    fn note_lag(&self, now_ms: i64) {
        metrics::gauge!("event_archive_lag_seconds", "stream" => self.shelf.stream().to_owned())
            .set(self.lag(now_ms).as_secs_f64());
    }

    /// Where the first event stands that is not archived.
    const fn next(&self) -> Position {
        match &self.end {
            Some(end) => Position::Sequence(end.sequence + 1),
            None => Position::Beginning,
        }
    }

    /// Takes over what other processes archived, and steps back if the log
    /// lost its end and gave its sequences to other events.
    async fn catch_up(&mut self) -> Result<(), ArchiveError> {
        let seen = self.seen.as_ref().map(|name| &name.key);
        if let Some(name) = self.shelf.segments(seen).await?.pop() {
            self.end = last_of(&self.shelf.read(&name).await?.events);
            self.seen = Some(name);
        }
        if self.agrees().await? {
            return Ok(());
        }
        tracing::warn!(
            stream = self.shelf.stream(),
            "the log lost events that are archived; what it holds now is archived beside them"
        );
        let mut names = self.shelf.segments(None).await?;
        while let Some(name) = names.pop() {
            self.end = last_of(&self.shelf.read(&name).await?.events);
            if self.agrees().await? {
                return Ok(());
            }
        }
        self.end = None;
        Ok(())
    }

    /// Whether the log holds the last archived event where the archive says, or let it go
    /// by age.
    async fn agrees(&self) -> Result<bool, ArchiveError> {
        let Some(end) = &self.end else {
            return Ok(true);
        };
        let position = Position::Sequence(end.sequence);
        let page = match self.log.read(self.shelf.stream(), position, 1).await {
            Err(LogError::UnknownStream(_)) => return Ok(true),
            page => page?,
        };
        if let Some(stored) = page.first()
            && stored.sequence == end.sequence
        {
            return Ok(stored.record.id == end.id);
        }
        // What leaves by age leaves from the front. A second copy of an event,
        // which no reader is given, may stand in its place in a log that
        // counts anew.
        let info = self.log.stream_info(self.shelf.stream()).await?;
        Ok(if info.messages == 0 {
            info.last_sequence >= end.sequence
        } else {
            info.first_sequence > end.sequence
        })
    }

    async fn gather(&self) -> Result<Batch, ArchiveError> {
        let mut batch = Batch {
            events: Vec::new(),
            is_full: false,
        };
        let mut bytes = 0;
        let mut from = self.next();
        loop {
            let page = match self.log.read(self.shelf.stream(), from, PAGE).await {
                Err(LogError::UnknownStream(_)) => return Ok(batch),
                page => page?,
            };
            let Some(last) = page.last() else {
                return Ok(batch);
            };
            from = Position::Sequence(last.sequence + 1);
            for event in page {
                let is_next_day = batch
                    .events
                    .first()
                    .is_some_and(|first| first.published_at.date() != event.published_at.date());
                if is_next_day
                    || batch.events.len() >= self.config.max_segment_events.max(1)
                    || bytes >= self.config.max_segment_bytes.max(1)
                {
                    batch.is_full = true;
                    return Ok(batch);
                }
                bytes += event.record.payload.len();
                batch.events.push(event);
            }
        }
    }
}

fn published_ms(event: &Stored) -> i64 {
    let ms = event.published_at.unix_timestamp_nanos() / 1_000_000;
    i64::try_from(ms).unwrap_or(i64::MAX)
}

fn last_of(events: &[Stored]) -> Option<End> {
    events.last().map(|last| End {
        sequence: last.sequence,
        id: last.record.id,
    })
}

/// Archives a stream until shutdown. Among the processes of the service that
/// owns it, one at a time does.
pub(crate) async fn run(
    mut keeper: Keeper,
    store: Store,
    archived: Archived,
    clock: Clock,
    shutdown: CancellationToken,
) {
    let stream = keeper.shelf.stream().to_owned();
    let interval = Duration::from_millis(keeper.config.interval_ms.max(20));
    let wait = (interval / 5).clamp(Duration::from_millis(10), LOOK);
    // Until the archive has been looked at, nothing counts as archived.
    archived.set(&stream, 0);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        let mut lead = match lead_in_archiving(&store).await {
            Ok(Some(lead)) => lead,
            // What waited when this process led is for another to archive, and
            // an alarm about it must end here as well.
            Ok(None) if keeper.waiting_since_ms.is_none() => continue,
            not_led => {
                if let Err(error) = not_led {
                    tracing::warn!(stream, %error, "the lead in archiving could not be taken");
                }
                if let Err(error) = keeper.watch(clock.now_ms()).await {
                    tracing::debug!(stream, %error, "the archive cannot be looked at");
                }
                continue;
            }
        };
        match keeper.round_under(&mut lead, clock.now_ms(), false).await {
            Ok(kept) => {
                archived.set(&stream, keeper.archived_up_to());
                metrics::counter!("event_archive_events_total", "stream" => stream.clone())
                    .increment(kept.events as u64);
            }
            Err(error) => {
                metrics::counter!("event_archive_failures_total", "stream" => stream.clone())
                    .increment(1);
                tracing::warn!(stream, %error, "events were not archived; it is tried again");
            }
        }
        if let Err(error) = lead.give_up().await {
            tracing::debug!(stream, %error, "the lead in archiving ends with its term");
        }
    }
}
