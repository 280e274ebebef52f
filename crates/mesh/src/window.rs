//! Calls and failures over the last stretch of time. Pure: time is passed in.

use std::time::Duration;

use tokio::time::Instant;

const SLOTS: usize = 60;

/// Counts in sixty slots of time; what is older than all of them is forgotten.
#[derive(Debug)]
pub(crate) struct Window {
    slots: Box<[(u64, u64); SLOTS]>,
    // Kept beside the slots: adding them up for every call costs more than
    // the rest of a breaker.
    totals: (u64, u64),
    newest: usize,
    newest_began: Instant,
    slot: Duration,
}

impl Window {
    /// A window of that length, beginning now.
    pub(crate) fn new(length: Duration, now: Instant) -> Self {
        let slots = u32::try_from(SLOTS).expect("a small constant");
        Self {
            slots: Box::new([(0, 0); SLOTS]),
            totals: (0, 0),
            newest: 0,
            newest_began: now,
            // A slot of no length would turn for ever.
            slot: (length / slots).max(Duration::from_micros(1)),
        }
    }

    /// Notes one call.
    pub(crate) fn record(&mut self, failed: bool, now: Instant) {
        self.turn(now);
        let (calls, failures) = &mut self.slots[self.newest];
        *calls += 1;
        *failures += u64::from(failed);
        self.totals.0 += 1;
        self.totals.1 += u64::from(failed);
    }

    /// Calls and, of those, failures.
    pub(crate) fn totals(&mut self, now: Instant) -> (u64, u64) {
        self.turn(now);
        self.totals
    }

    fn turn(&mut self, now: Instant) {
        let mut turned = 0;
        while now.saturating_duration_since(self.newest_began) >= self.slot {
            if turned == SLOTS {
                // Everything was forgotten already; catch up with the clock.
                self.newest_began = now;
                break;
            }
            self.newest = (self.newest + 1) % SLOTS;
            let (calls, failures) = std::mem::take(&mut self.slots[self.newest]);
            self.totals.0 -= calls;
            self.totals.1 -= failures;
            self.newest_began += self.slot;
            turned += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The totals are what a list of all calls would give, to the slot.
        #[test]
        fn the_totals_are_those_of_the_last_stretch(
            steps in proptest::collection::vec((0_u64..4_000, any::<bool>()), 1..300),
        ) {
            let start = Instant::now();
            let mut now = start;
            let mut window = Window::new(Duration::from_secs(60), start);
            let mut all = Vec::new();
            for (wait_ms, failed) in steps {
                now += Duration::from_millis(wait_ms);
                window.record(failed, now);
                all.push(((now - start).as_secs(), failed));
            }
            let second = (now - start).as_secs();
            let recent = || all.iter().filter(|(at, _)| at + 60 > second);
            let expected = (recent().count() as u64, recent().filter(|(_, failed)| *failed).count() as u64);
            prop_assert_eq!(window.totals(now), expected);
        }
    }
}
