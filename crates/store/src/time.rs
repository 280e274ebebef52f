use std::time::Instant;

use covergen_ids::Clock;

/// Judges leases on SQLite, where one process owns the file.
///
/// The wall clock may jump; a lease may not end early or late because of it.
/// So time is the wall clock at opening plus monotonic time since, and a
/// restart (which starts a new anchor) renews every term.
#[derive(Clone)]
pub(crate) enum LeaseClock {
    Monotonic { anchor_ms: i64, since: Instant },
    Driven(Clock),
}

impl LeaseClock {
    pub(crate) fn anchored(clock: &Clock) -> Self {
        Self::Monotonic {
            anchor_ms: clock.now_ms(),
            since: Instant::now(),
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        match self {
            Self::Monotonic { anchor_ms, since } => {
                let elapsed_ms = i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX);
                anchor_ms.saturating_add(elapsed_ms)
            }
            Self::Driven(clock) => clock.now_ms(),
        }
    }
}
