//! A running estimate of how long a method's calls take.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::Duration,
};

/// Eight buckets to each doubling: an estimate is at most a tenth too high.
const PER_DOUBLING: u32 = 8;
/// From 16 µs, below which nothing is worth hedging, over 23 doublings to two
/// minutes.
const FIRST_US: f64 = 16.0;
const BUCKETS: usize = 184;

/// So many calls before there is an estimate.
const ENOUGH: u32 = 100;
/// So many calls between looks at the buckets.
const STRIDE: u32 = 50;
/// So many calls, and the old ones count half.
const HALVE_AT: u32 = 2_000;

/// What 95 of 100 calls take, recent ones counting more. A histogram with
/// exponential buckets; no lock, since a sample lost to a race is no loss.
#[derive(Debug)]
pub(crate) struct Quantile {
    buckets: [AtomicU32; BUCKETS],
    count: AtomicU32,
    p95_us: AtomicU64,
}

impl Default for Quantile {
    fn default() -> Self {
        Self {
            buckets: [const { AtomicU32::new(0) }; BUCKETS],
            count: AtomicU32::new(0),
            p95_us: AtomicU64::new(0),
        }
    }
}

impl Quantile {
    /// `None` until enough was seen.
    pub(crate) fn p95(&self) -> Option<Duration> {
        let us = self.p95_us.load(Ordering::Relaxed);
        (us > 0).then(|| Duration::from_micros(us))
    }

    pub(crate) fn record(&self, took: Duration) {
        self.buckets[bucket(took)].fetch_add(1, Ordering::Relaxed);
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        if count >= ENOUGH && count.is_multiple_of(STRIDE) {
            self.estimate();
        }
        if count >= HALVE_AT {
            self.count.store(HALVE_AT / 2, Ordering::Relaxed);
            for bucket in &self.buckets {
                let half = bucket.load(Ordering::Relaxed) / 2;
                bucket.store(half, Ordering::Relaxed);
            }
        }
    }

    fn estimate(&self) {
        let counts = self
            .buckets
            .each_ref()
            .map(|bucket| bucket.load(Ordering::Relaxed));
        let total: u64 = counts.iter().map(|count| u64::from(*count)).sum();
        let mut below = 0;
        for (index, count) in counts.into_iter().enumerate() {
            below += u64::from(count);
            if below * 100 >= total * 95 {
                self.p95_us.store(upper_us(index), Ordering::Relaxed);
                return;
            }
        }
    }
}

fn bucket(took: Duration) -> usize {
    let doublings = (took.as_secs_f64() * 1e6 / FIRST_US).max(1.0).log2();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let index = (doublings * f64::from(PER_DOUBLING)) as usize;
    index.min(BUCKETS - 1)
}

fn upper_us(bucket: usize) -> u64 {
    #[allow(clippy::cast_precision_loss)]
    let doublings = (bucket + 1) as f64 / f64::from(PER_DOUBLING);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let us = (FIRST_US * doublings.exp2()).ceil() as u64;
    us
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn there_is_no_estimate_before_a_hundred_calls() {
        let quantile = Quantile::default();
        for _ in 0..99 {
            quantile.record(Duration::from_millis(1));
        }
        assert_eq!(quantile.p95(), None);
        quantile.record(Duration::from_millis(1));
        assert!(quantile.p95().is_some());
    }

    #[test]
    fn it_follows_a_method_that_becomes_slower() {
        let quantile = Quantile::default();
        for ms in [1, 100] {
            for _ in 0..10_000 {
                quantile.record(Duration::from_millis(ms));
            }
        }
        assert!(quantile.p95().unwrap() >= Duration::from_millis(100));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn it_is_the_sorted_lists_within_a_tenth(
            mut us in proptest::collection::vec(20_u64..10_000_000, 200..1_900),
        ) {
            us.truncate(us.len() / 50 * 50);
            let quantile = Quantile::default();
            for us in &us {
                quantile.record(Duration::from_micros(*us));
            }
            us.sort_unstable();
            let exact = us[(us.len() * 95).div_ceil(100) - 1] as f64;
            let estimate = quantile.p95().unwrap().as_micros() as f64;
            prop_assert!(estimate >= exact * 0.999 && estimate <= exact * 1.1 + 2.0, "{estimate} for {exact}");
        }
    }
}
