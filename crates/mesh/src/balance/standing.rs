//! Whether an endpoint is fit to be given load.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::OutlierRules;
use crate::window::Window;

/// Success rates are judged over this long.
const RATE_WINDOW: Duration = Duration::from_secs(30);

/// The least share of load an endpoint gets that is coming back.
const FIRST_SHARE: f64 = 0.1;

/// One endpoint's health, ejection and record.
#[derive(Debug)]
pub(crate) struct Standing {
    began: Instant,
    // Read for every call, so not behind the lock.
    unhealthy: AtomicBool,
    ejected_until_ms: AtomicU64,
    eased_until_ms: AtomicU64,
    record: Mutex<Record>,
}

#[derive(Debug)]
struct Record {
    run: u32,
    window: Window,
    since: Since,
    // How often in a row it was ejected, less one for each interval in which
    // all went well.
    multiplier: u32,
}

/// What there was in the interval that is not over yet.
#[derive(Debug, Default)]
struct Since {
    calls: u64,
    failures: u64,
}

impl Standing {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            began: now,
            unhealthy: AtomicBool::new(false),
            ejected_until_ms: AtomicU64::new(0),
            eased_until_ms: AtomicU64::new(0),
            record: Mutex::new(Record {
                run: 0,
                window: Window::new(RATE_WINDOW, now),
                since: Since::default(),
                multiplier: 0,
            }),
        }
    }

    /// Whether it is in its place: healthy and not ejected.
    pub(crate) fn is_fit(&self, now: Instant) -> bool {
        !self.unhealthy.load(Ordering::Relaxed) && !self.is_ejected(now)
    }

    pub(crate) fn is_ejected(&self, now: Instant) -> bool {
        self.ms(now) < self.ejected_until_ms.load(Ordering::Relaxed)
    }

    /// What is left of its ejection.
    pub(crate) fn ejected_for_ms(&self, now: Instant) -> Option<u64> {
        let until = self.ejected_until_ms.load(Ordering::Relaxed);
        until.checked_sub(self.ms(now)).filter(|left| *left > 0)
    }

    pub(crate) fn is_healthy(&self) -> bool {
        !self.unhealthy.load(Ordering::Relaxed)
    }

    /// Notes what a health check found; answers whether that is news.
    pub(crate) fn set_healthy(&self, healthy: bool) -> bool {
        self.unhealthy.swap(!healthy, Ordering::Relaxed) == healthy
    }

    /// The share of its load it is given while it comes back from an ejection,
    /// growing to 1.
    pub(crate) fn share(&self, slow_start: Duration, now: Instant) -> f64 {
        let until = self.eased_until_ms.load(Ordering::Relaxed);
        let left_ms = until.saturating_sub(self.ms(now));
        if left_ms == 0 {
            return 1.0;
        }
        let left = Duration::from_millis(left_ms).as_secs_f64();
        let whole = slow_start.as_secs_f64().max(1e-3);
        (1.0 - left / whole).clamp(FIRST_SHARE, 1.0)
    }

    /// Notes how a call ended; answers whether it was one failure too many.
    pub(crate) fn record(&self, failed: bool, rules: &OutlierRules, now: Instant) -> bool {
        let mut record = self.lock();
        record.window.record(failed, now);
        record.since.calls += 1;
        record.since.failures += u64::from(failed);
        if !failed {
            record.run = 0;
            return false;
        }
        record.run += 1;
        record.run >= rules.consecutive_failures
    }

    /// Calls and failures over the last 30 s.
    pub(crate) fn totals(&self, now: Instant) -> (u64, u64) {
        self.lock().window.totals(now)
    }

    /// Takes it out: each time twice as long, up to the most.
    pub(crate) fn eject(
        &self,
        rules: &OutlierRules,
        slow_start: Duration,
        now: Instant,
    ) -> Duration {
        let mut record = self.lock();
        let doubled = rules
            .base_ejection
            .saturating_mul(1 << record.multiplier.min(16));
        let length = doubled.min(rules.max_ejection);
        record.multiplier = record.multiplier.saturating_add(1);
        record.run = 0;
        // What led to the ejection must not lead to the next one.
        record.window = Window::new(RATE_WINDOW, now);
        let back = self.ms(now + length);
        self.ejected_until_ms.store(back, Ordering::Relaxed);
        self.eased_until_ms
            .store(back + millis(slow_start), Ordering::Relaxed);
        length
    }

    /// Ends an ejection before its time.
    pub(crate) fn readmit(&self) {
        self.ejected_until_ms.store(0, Ordering::Relaxed);
        self.eased_until_ms.store(0, Ordering::Relaxed);
    }

    /// An interval is over. Where it had calls and none of them failed, the next
    /// ejection is shorter again: one who was not called has shown nothing.
    pub(crate) fn calm(&self, now: Instant) {
        let mut record = self.lock();
        let since = std::mem::take(&mut record.since);
        if !self.is_ejected(now) && since.calls > 0 && since.failures == 0 {
            record.multiplier = record.multiplier.saturating_sub(1);
        }
    }

    pub(crate) fn ejections(&self) -> u32 {
        self.lock().multiplier
    }

    fn ms(&self, now: Instant) -> u64 {
        millis(now.saturating_duration_since(self.began))
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn ejections_double_and_an_interval_without_a_failure_halves_them() {
        let start = Instant::now();
        let (standing, rules) = (Standing::new(start), OutlierRules::default());
        let mut now = start;
        for expected in [30, 60, 120, 240, 300, 300] {
            assert_eq!(standing.eject(&rules, SECOND, now), expected * SECOND);
            assert!(!standing.is_fit(now));
            now += expected * SECOND;
            assert!(standing.is_fit(now), "back after {expected} s");
        }
        let interval = |calls: &[bool]| {
            for failed in calls {
                standing.record(*failed, &rules, now);
            }
            standing.calm(now);
            standing.ejections()
        };
        // Whoever is not called, or fails now and then, has not done better.
        assert_eq!(interval(&[]), 6);
        assert_eq!(interval(&[false, true, false]), 6);
        for left in (0..6).rev() {
            assert_eq!(interval(&[false]), left);
            assert_eq!(interval(&[]), left);
        }
        assert_eq!(standing.eject(&rules, SECOND, now), 30 * SECOND);
    }

    #[test]
    fn it_comes_back_with_a_growing_share() {
        let start = Instant::now();
        let (standing, rules) = (Standing::new(start), OutlierRules::default());
        standing.eject(&rules, 10 * SECOND, start);
        let back = start + 30 * SECOND;
        let share = |after| standing.share(10 * SECOND, back + after);
        assert!((share(Duration::ZERO) - 0.1).abs() < 1e-9);
        assert!((share(5 * SECOND) - 0.5).abs() < 1e-9);
        assert!((share(10 * SECOND) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn five_failures_in_a_row_are_one_too_many_and_a_success_starts_anew() {
        let start = Instant::now();
        let (standing, rules) = (Standing::new(start), OutlierRules::default());
        let record = |failed| standing.record(failed, &rules, start);
        assert!(!(record(true) || record(true) || record(true) || record(true)));
        assert!(!record(false));
        assert!(!(record(true) || record(true) || record(true) || record(true)));
        assert!(record(true));
    }
}
