use std::collections::VecDeque;

use crate::engine::Charge;
use crate::limiter::{SLICES, Usage, Window};

/// The uses of one key, by slices of each window.
#[derive(Debug)]
pub(super) struct Sliding {
    windows: Vec<(Window, VecDeque<(u64, u64)>)>,
}

impl Sliding {
    pub(super) fn new(windows: &[Window]) -> Self {
        Self {
            windows: windows.iter().map(|w| (*w, VecDeque::new())).collect(),
        }
    }

    /// Whether the counters are for windows of these lengths. Limits may
    /// change without losing the count.
    pub(super) fn is_for(&self, windows: &[Window]) -> bool {
        let lengths = self.windows.iter().map(|(window, _)| window.per_seconds);
        lengths.eq(windows.iter().map(|window| window.per_seconds))
    }

    /// The most that the counters can take: every slice in use.
    pub(super) fn bytes(&self) -> usize {
        let slices = usize::try_from(SLICES).unwrap_or(0) + 1;
        self.windows.len() * slices * size_of::<(u64, u64)>()
    }

    /// How long after its last use a key says nothing any more.
    pub(super) fn lifetime_ms(windows: &[Window]) -> u64 {
        let lifetime = |window: &Window| window.slice_ms() * (SLICES + 1);
        windows.iter().map(lifetime).max().unwrap_or(0)
    }

    pub(super) fn charge(&mut self, windows: &[Window], cost: u32, now_ms: u64) -> Charge {
        let cost = u64::from(cost);
        let mut allowed = true;
        for ((_, slices), window) in self.windows.iter_mut().zip(windows) {
            let current = now_ms / window.slice_ms();
            // A slice counts until its very end has left the window.
            while slices.front().is_some_and(|(s, _)| s + SLICES < current) {
                slices.pop_front();
            }
            allowed &= used(slices) + cost <= u64::from(window.limit);
        }
        let mut usage = Vec::with_capacity(windows.len());
        for ((_, slices), window) in self.windows.iter_mut().zip(windows) {
            let current = now_ms / window.slice_ms();
            if allowed && cost > 0 {
                match slices.back_mut() {
                    Some((slice, count)) if *slice == current => *count += cost,
                    _ => slices.push_back((current, cost)),
                }
            }
            let wanted = if allowed { 0 } else { cost };
            usage.push(stand(slices, *window, wanted, now_ms));
        }
        Charge { allowed, usage }
    }
}

fn used(slices: &VecDeque<(u64, u64)>) -> u64 {
    slices.iter().map(|(_, count)| count).sum()
}

/// How a window stands, and how long until `wanted` more would fit.
fn stand(slices: &VecDeque<(u64, u64)>, window: Window, wanted: u64, now_ms: u64) -> Usage {
    let used = used(slices);
    let leaves_in = |slice: u64| ((slice + SLICES + 1) * window.slice_ms()).saturating_sub(now_ms);
    let mut over = (used + wanted).saturating_sub(u64::from(window.limit));
    let mut wait_ms = 0;
    for (slice, count) in slices {
        if over == 0 {
            break;
        }
        wait_ms = leaves_in(*slice);
        over = over.saturating_sub(*count);
    }
    Usage {
        used,
        wait_ms,
        reset_ms: slices.back().map_or(0, |(slice, _)| leaves_in(*slice)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: [Window; 1] = [Window {
        limit: 10,
        per_seconds: 60,
    }];

    #[test]
    fn no_period_of_the_windows_length_ever_holds_more_than_the_limit() {
        let mut sliding = Sliding::new(&WINDOW);
        let mut granted: Vec<u64> = Vec::new();
        // Uneven steps, always asking: the worst that a caller can do.
        let mut now = 7;
        for step in 0..20_000_u64 {
            now += 1 + (step * 37) % 101;
            if sliding.charge(&WINDOW, 1, now).allowed {
                granted.push(now);
            }
        }
        assert!(granted.len() > 100, "{}", granted.len());
        for (first, eleventh) in granted.iter().zip(granted.iter().skip(10)) {
            assert!(eleventh - first >= 60_000, "{first}..{eleventh}");
        }
    }

    #[test]
    fn the_wait_told_is_exactly_what_it_takes() {
        let mut sliding = Sliding::new(&WINDOW);
        for now in [100, 5_000, 9_999] {
            assert!(sliding.charge(&WINDOW, 3, now).allowed);
        }
        let refused = sliding.charge(&WINDOW, 4, 20_000);
        assert!(!refused.allowed);
        let wait = refused.usage[0].wait_ms;
        assert!(!sliding.charge(&WINDOW, 4, 20_000 + wait - 1).allowed);
        assert!(sliding.charge(&WINDOW, 4, 20_000 + wait).allowed);
    }

    #[test]
    fn a_refusal_charges_nothing() {
        let mut sliding = Sliding::new(&WINDOW);
        for _ in 0..50 {
            assert!(!sliding.charge(&WINDOW, 11, 0).allowed);
        }
        assert!(sliding.charge(&WINDOW, 10, 0).allowed);
    }
}
