//! How many retries a target's callers may spend together.
//!
//! Without it, retries multiply the load on a target exactly while it can
//! bear the least. Pure: time is passed in.

use std::time::Duration;

use tokio::time::Instant;

const SLOTS: usize = 10;
const SLOT: Duration = Duration::from_secs(1);

/// Retries are allowed up to a share of the calls of the last ten seconds,
/// plus a few a second, so that a target that is called seldom can be retried
/// at all. The few do not pile up: at most one second's worth is kept.
#[derive(Debug)]
pub(crate) struct Budget {
    percent: u32,
    per_second: u32,
    slots: [Slot; SLOTS],
    newest: usize,
    newest_began: Instant,
    // In thousandths of a retry, so that fractions of a second add up.
    floor_milli: u64,
    floor_filled_at: Instant,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    calls: u64,
    retries: u64,
}

impl Budget {
    pub(crate) fn new(percent: u32, per_second: u32, now: Instant) -> Self {
        Self {
            percent,
            per_second,
            slots: [Slot::default(); SLOTS],
            newest: 0,
            newest_began: now,
            floor_milli: u64::from(per_second) * 1_000,
            floor_filled_at: now,
        }
    }

    /// Another share and another floor from now on; what was spent stays spent.
    pub(crate) fn change(&mut self, percent: u32, per_second: u32) {
        self.percent = percent;
        self.per_second = per_second;
    }

    /// A call is made; retries of it are not calls.
    pub(crate) fn deposit(&mut self, now: Instant) {
        self.advance(now);
        self.slots[self.newest].calls += 1;
    }

    /// Whether the share has one left; the floor is not asked.
    pub(crate) fn would_grant(&mut self, now: Instant) -> bool {
        self.advance(now);
        let calls: u64 = self.slots.iter().map(|slot| slot.calls).sum();
        let retries: u64 = self.slots.iter().map(|slot| slot.retries).sum();
        (retries + 1) * 100 <= calls * u64::from(self.percent)
    }

    /// Asks for one retry, and spends it if granted.
    pub(crate) fn withdraw(&mut self, now: Instant) -> bool {
        if self.would_grant(now) {
            self.slots[self.newest].retries += 1;
            return true;
        }
        if self.floor_milli >= 1_000 {
            self.floor_milli -= 1_000;
            return true;
        }
        false
    }

    fn advance(&mut self, now: Instant) {
        let waited = now.saturating_duration_since(self.floor_filled_at);
        let waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        // Only whole milliseconds are taken off the clock: no refill is lost.
        self.floor_filled_at += Duration::from_millis(waited_ms.min(86_400_000));
        let most = u64::from(self.per_second) * 1_000;
        let refill = waited_ms.saturating_mul(u64::from(self.per_second));
        self.floor_milli = self.floor_milli.saturating_add(refill).min(most);

        let mut turned = 0;
        while now.saturating_duration_since(self.newest_began) >= SLOT {
            if turned == SLOTS {
                // Everything was forgotten already; catch up with the clock.
                self.newest_began = now;
                break;
            }
            self.newest = (self.newest + 1) % SLOTS;
            self.slots[self.newest] = Slot::default();
            self.newest_began += SLOT;
            turned += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_quiet_target_may_be_retried_a_few_times_a_second() {
        let start = Instant::now();
        let mut budget = Budget::new(20, 3, start);
        budget.deposit(start);
        let granted = (0..10).filter(|_| budget.withdraw(start)).count();
        assert_eq!(granted, 3);
        let later = start + Duration::from_secs(1);
        let granted = (0..10).filter(|_| budget.withdraw(later)).count();
        assert_eq!(granted, 3);
    }

    #[test]
    fn the_share_is_of_the_last_ten_seconds() {
        let start = Instant::now();
        let mut budget = Budget::new(20, 0, start);
        for _ in 0..100 {
            budget.deposit(start);
        }
        let granted = (0..100).filter(|_| budget.withdraw(start)).count();
        assert_eq!(granted, 20);
        assert!(!budget.withdraw(start + Duration::from_secs(9)));
        budget.deposit(start + Duration::from_secs(11));
        assert!(!budget.withdraw(start + Duration::from_secs(11)));
    }

    #[test]
    fn no_share_and_no_floor_is_no_retry() {
        let start = Instant::now();
        let mut budget = Budget::new(0, 0, start);
        budget.deposit(start);
        assert!(!budget.withdraw(start + Duration::from_secs(5)));
    }

    proptest! {
        /// Every call fails and every failure asks for a retry: what is granted
        /// never exceeds the share of all calls plus the floor for the time.
        #[test]
        fn a_total_outage_is_amplified_by_no_more_than_promised(
            steps in proptest::collection::vec((0_u64..400, 1_u32..6), 1..400),
            percent in 0_u32..=100,
            per_second in 0_u32..10,
        ) {
            let start = Instant::now();
            let mut now = start;
            let mut budget = Budget::new(percent, per_second, start);
            let (mut calls, mut retries) = (0_u64, 0_u64);
            for (wait_ms, burst) in steps {
                now += Duration::from_millis(wait_ms);
                for _ in 0..burst {
                    calls += 1;
                    budget.deposit(now);
                    for _ in 0..2 {
                        retries += u64::from(budget.withdraw(now));
                    }
                }
            }
            let elapsed_ms = u64::try_from((now - start).as_millis()).unwrap();
            let floor_milli = u64::from(per_second) * (1_000 + elapsed_ms);
            prop_assert!(
                retries * 1_000 <= calls * u64::from(percent) * 10 + floor_milli,
                "{retries} retries for {calls} calls in {elapsed_ms} ms"
            );
        }
    }
}
