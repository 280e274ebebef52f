//! Every event, kept in the object store from the first one on.
//!
//! A stream keeps its events for a month; its archive keeps them for good, in
//! segments: gzipped JSON lines under
//! `events/<stream>/<date>/<time>-<first>-<last>-<sha256>.jsonl.gz`. The date
//! and time are the first event's, unless the name would then stand before the
//! last one; first and last are sequences, the hash is that of the object's
//! bytes. So a listing tells the order, a segment never changes, and one that
//! is written twice is one object.
//!
//! Where the archive ends is read from the archive itself: an event counts as
//! archived once its segment is stored, and there is no second state that
//! could disagree.
//!
//! Modules in reading order: `segment` (names and bytes), `shelf` (listing and
//! reading), `keeper` (writing), `verify`.

mod keeper;
mod segment;
mod shelf;
mod verify;

use serde::Deserialize;

pub(crate) use keeper::{Archived, run};
pub use keeper::{Keeper, Kept, lead_in_archiving};
pub use segment::{Archive, SegmentName};
pub use shelf::{ArchiveError, Shelf};
pub use verify::Verified;

/// How events are archived.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ArchiveConfig {
    /// Whether the process archives the streams of the services it runs.
    pub enabled: bool,
    /// How long an event may wait for its segment to fill, in milliseconds.
    pub interval_ms: u64,
    /// Events of one segment at most.
    pub max_segment_events: usize,
    /// Bytes of one segment at most, before it is compressed and not counting
    /// its last event.
    pub max_segment_bytes: usize,
}

impl Default for ArchiveConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            interval_ms: 300_000,
            max_segment_events: 20_000,
            max_segment_bytes: 8 * 1024 * 1024,
        }
    }
}
