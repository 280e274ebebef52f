//! What all hosts of one run share: the plan, the disks, the record of what
//! happened, and what was acknowledged.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use covergen_ids::Clock;

use crate::Bug;
use crate::disk::Disk;
use crate::hosts::{cover::Covers, ledger::Ledger, log::Log, queue::Queue, reader::Reader};
use crate::plan::{HOSTS, Plan};

/// Where wall clocks begin: some day in 2027, in Unix milliseconds.
const EPOCH_MS: i64 = 1_800_000_000_000;

/// One run. Clones are the same one.
#[derive(Clone)]
pub(crate) struct World(Arc<Inner>);

struct Inner {
    plan: Plan,
    bug: Option<Bug>,
    faulty: AtomicBool,
    skews_ms: BTreeMap<&'static str, AtomicI64>,
    record: Mutex<Record>,
    disks: Disks,
}

/// Everything that is on disks.
#[derive(Default)]
pub(crate) struct Disks {
    pub(crate) covers: Disk<Covers>,
    pub(crate) ledger: Disk<Ledger>,
    pub(crate) queue: Disk<Queue>,
    pub(crate) log: Disk<Log>,
    pub(crate) reader: Disk<Reader>,
}

/// What happened, as somebody beside the system notes it.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) lines: Vec<String>,
    /// Answers that somebody received, in the order they were: append-only.
    pub(crate) answers: Vec<(String, Answer)>,
}

/// What a request's sender was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is taken on, as this task.
    Accepted(String),
    /// It was definitely refused.
    Refused,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}

impl World {
    pub(crate) fn new(plan: Plan, bug: Option<Bug>) -> Self {
        Self(Arc::new(Inner {
            plan,
            bug,
            faulty: AtomicBool::new(true),
            skews_ms: HOSTS.map(|host| (host, AtomicI64::new(0))).into(),
            record: Mutex::default(),
            disks: Disks::default(),
        }))
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.0.plan
    }

    pub(crate) fn disks(&self) -> &Disks {
        &self.0.disks
    }

    /// Whether this mistake was planted.
    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.0.bug == Some(bug)
    }

    /// Whether things may still go wrong.
    pub(crate) fn is_faulty(&self) -> bool {
        self.0.faulty.load(Ordering::Relaxed)
    }

    pub(crate) fn heal(&self) {
        self.0.faulty.store(false, Ordering::Relaxed);
    }

    pub(crate) fn skew(&self, host: &str, ms: i64) {
        if let Some(skew) = self.0.skews_ms.get(host) {
            skew.store(ms, Ordering::Relaxed);
        }
    }

    /// A host's wall clock, which may be wrong.
    pub(crate) fn wall_ms(&self, host: &str) -> i64 {
        let skew = self.0.skews_ms.get(host);
        let skew = skew.map_or(0, |skew| skew.load(Ordering::Relaxed));
        EPOCH_MS + now_ms() + skew
    }

    /// The same, as ids are made from it.
    pub(crate) fn clock(&self, host: &str) -> Clock {
        Clock::manual(self.wall_ms(host)).clock()
    }

    /// Notes what happened on a host.
    pub(crate) fn note(&self, host: &str, what: impl fmt::Display) {
        self.note_at(now_ms(), host, what);
    }

    pub(crate) fn note_at(&self, at_ms: i64, host: &str, what: impl fmt::Display) {
        self.record().lines.push(format!("{at_ms} {host} {what}"));
    }

    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        let record = &self.0.record;
        record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    /// Tells runs apart: equal for equal histories.
    pub(crate) fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for line in &self.lines {
            hasher.write(line.as_bytes());
            hasher.write_u8(b'\n');
        }
        hasher.finish()
    }
}

/// The time that judges leases: it only goes forward, whatever wall clocks do.
pub(crate) fn now_ms() -> i64 {
    let elapsed = turmoil::sim_elapsed().unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}
