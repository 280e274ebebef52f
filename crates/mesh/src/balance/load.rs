//! How busy an endpoint is, and how long it takes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

/// A failure counts as an answer that took at least this long: one that fails
/// at once would otherwise look like the fastest of all and draw every call.
/// One after the other they count double, up to the most.
const FAILURE_COST: Duration = Duration::from_millis(200);
const MAX_FAILURE_COST: Duration = Duration::from_secs(2);

/// What an endpoint costs that has never answered and is being asked for the
/// first time, in seconds: high, so that one call finds out, not all of them.
const UNPROVEN: f64 = 1_000.0;

/// Calls in flight, and a peak-sensitive moving average of the time answers
/// take: a slow answer counts at once, a fast one only little by little.
/// After Finagle's peak EWMA, of which tower's is a copy.
#[derive(Debug)]
pub(crate) struct Load {
    began: Instant,
    pending: AtomicU32,
    // The average in seconds, as the bits of an f64. Updates may overtake each
    // other, which loses a sample now and then and never more.
    seconds: AtomicU64,
    updated_ns: AtomicU64,
}

impl Load {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            began: now,
            pending: AtomicU32::new(0),
            seconds: AtomicU64::new(0.0_f64.to_bits()),
            updated_ns: AtomicU64::new(0),
        }
    }

    /// Takes an answer into account.
    pub(crate) fn answered(&self, took: Duration, decay: Duration, now: Instant) {
        self.observe(took.as_secs_f64(), decay, now);
    }

    /// Takes a failure into account.
    pub(crate) fn failed(&self, took: Duration, decay: Duration, now: Instant) {
        let doubled = 2.0 * self.average(decay, now);
        let penalty = doubled.clamp(FAILURE_COST.as_secs_f64(), MAX_FAILURE_COST.as_secs_f64());
        self.observe(took.as_secs_f64().max(penalty), decay, now);
    }

    /// A call that was given up took at least this long.
    pub(crate) fn abandoned(&self, after: Duration, decay: Duration, now: Instant) {
        let after = after.as_secs_f64();
        if after > self.average(decay, now) {
            self.observe(after, decay, now);
        }
    }

    fn observe(&self, seconds: f64, decay: Duration, now: Instant) {
        let before = f64::from_bits(self.seconds.load(Ordering::Relaxed));
        let after = if seconds > before {
            seconds
        } else {
            let weight = self.weight(decay, now);
            before * weight + seconds * (1.0 - weight)
        };
        self.seconds.store(after.to_bits(), Ordering::Relaxed);
        self.updated_ns.store(self.ns(now), Ordering::Relaxed);
    }

    /// The average now: it falls while nothing is heard, so that an endpoint
    /// that was slow once is tried again.
    pub(crate) fn average(&self, decay: Duration, now: Instant) -> f64 {
        f64::from_bits(self.seconds.load(Ordering::Relaxed)) * self.weight(decay, now)
    }

    /// What the next call costs here: the average, once for it and once for
    /// each in flight.
    pub(crate) fn cost(&self, decay: Duration, now: Instant) -> f64 {
        let pending = f64::from(self.pending());
        let average = self.average(decay, now);
        if average == 0.0 && pending > 0.0 {
            return UNPROVEN + pending;
        }
        average * (pending + 1.0)
    }

    pub(crate) fn pending(&self) -> u32 {
        self.pending.load(Ordering::Relaxed)
    }

    fn weight(&self, decay: Duration, now: Instant) -> f64 {
        let since = self
            .ns(now)
            .saturating_sub(self.updated_ns.load(Ordering::Relaxed));
        // A sample less than this apart does not count as time passing; the
        // precision lost is far below the noise.
        #[allow(clippy::cast_precision_loss)]
        let since = since as f64 / 1e9;
        (-since / decay.as_secs_f64().max(1e-3)).exp()
    }

    fn ns(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.began);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Whatever has a [`Load`].
pub(crate) trait Loaded: Send + Sync + 'static {
    fn load(&self) -> &Load;
}

/// One call in flight at an endpoint, until it is dropped.
pub(crate) struct InFlight<E: Loaded>(Arc<E>);

impl<E: Loaded> InFlight<E> {
    pub(crate) fn begin(endpoint: Arc<E>) -> Self {
        endpoint.load().pending.fetch_add(1, Ordering::Relaxed);
        Self(endpoint)
    }
}

impl<E: Loaded> Drop for InFlight<E> {
    fn drop(&mut self) {
        self.0.load().pending.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Keeps a stream in the count until the stream is over.
impl<E: Loaded> crate::body::BodyWatch for InFlight<E> {}

#[cfg(test)]
mod tests {
    use super::*;

    const DECAY: Duration = Duration::from_secs(10);
    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_slow_answer_counts_at_once_and_a_fast_one_little_by_little() {
        let start = Instant::now();
        let load = Load::new(start);
        load.answered(10 * MS, DECAY, start);
        load.answered(100 * MS, DECAY, start);
        assert!((load.average(DECAY, start) - 0.1).abs() < 1e-9);
        load.answered(10 * MS, DECAY, start + 100 * MS);
        let after = load.average(DECAY, start + 100 * MS);
        assert!((0.09..0.1).contains(&after), "{after}");
    }

    #[test]
    fn it_forgets_over_the_decay() {
        let start = Instant::now();
        let load = Load::new(start);
        load.answered(100 * MS, DECAY, start);
        let later = load.average(DECAY, start + DECAY);
        assert!((later - 0.1 / std::f64::consts::E).abs() < 1e-6, "{later}");
    }

    #[test]
    fn failing_fast_is_not_being_fast() {
        let start = Instant::now();
        let (good, failing) = (Load::new(start), Load::new(start));
        good.answered(20 * MS, DECAY, start);
        failing.failed(MS / 10, DECAY, start);
        assert!(failing.cost(DECAY, start) > 5.0 * good.cost(DECAY, start));
    }
}
