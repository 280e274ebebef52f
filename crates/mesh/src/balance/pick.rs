//! Which endpoint gets the next call. Pure but for chance.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use http::HeaderMap;

use super::ring::{self, Ring};

/// How calls are spread over the endpoints of a target.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Algorithm {
    /// The cheaper of two drawn at random, by peak EWMA and calls in flight.
    PeakEwma,
    /// One after the other.
    RoundRobin,
    /// The one with the fewest calls in flight of so many drawn at random.
    LeastRequest { choices: u32 },
    /// By the hash of a header; a call without it goes anywhere.
    RingHash {
        header: http::HeaderName,
        points: u32,
    },
}

/// What is known of the endpoints at the moment of choosing.
pub(crate) trait Candidates {
    fn count(&self) -> usize;
    /// Connected, healthy, not ejected, not to be avoided.
    fn usable(&self, index: usize) -> bool;
    fn cost(&self, index: usize) -> f64;
    fn pending(&self, index: usize) -> u32;
    /// The share of its load it is given, 1 but while it comes back.
    fn share(&self, index: usize) -> f64;
}

/// An algorithm with what it keeps between calls.
#[derive(Debug)]
pub(crate) struct Picker {
    algorithm: Algorithm,
    ring: Option<Ring>,
}

/// Draws before looking at all of them one by one.
const DRAWS: usize = 4;

impl Picker {
    pub(crate) fn new<'a>(
        algorithm: Algorithm,
        names: impl ExactSizeIterator<Item = &'a str>,
    ) -> Self {
        let ring = match &algorithm {
            Algorithm::RingHash { points, .. } => Some(Ring::new(names, *points)),
            _ => None,
        };
        Self { algorithm, ring }
    }

    /// One of the usable candidates; `None` when there is none.
    pub(crate) fn pick(
        &self,
        candidates: &impl Candidates,
        headers: &HeaderMap,
        turn: &AtomicUsize,
    ) -> Option<usize> {
        match (&self.algorithm, &self.ring) {
            (Algorithm::RoundRobin, _) => in_turn(candidates, turn),
            (Algorithm::LeastRequest { choices }, _) => {
                cheapest(candidates, *choices as usize, |index| {
                    let pending = f64::from(candidates.pending(index)) + 1.0;
                    pending / candidates.share(index)
                })
            }
            (Algorithm::RingHash { header, .. }, Some(ring)) if headers.contains_key(header) => {
                let key = ring::hash(headers[header].as_bytes());
                // An endpoint that is out lends its keys to the next on the
                // ring and gets them back, whatever its share: a key's home
                // matters more than an even start.
                ring.walk(key).find(|index| candidates.usable(*index))
            }
            (Algorithm::PeakEwma | Algorithm::RingHash { .. }, _) => {
                cheapest(candidates, 2, |index| {
                    candidates.cost(index) / candidates.share(index)
                })
            }
        }
    }
}

fn in_turn(candidates: &impl Candidates, turn: &AtomicUsize) -> Option<usize> {
    let count = candidates.count();
    let first = turn.fetch_add(1, Ordering::Relaxed);
    let usable = || {
        (0..count)
            .map(|offset| first.wrapping_add(offset) % count)
            .filter(|index| candidates.usable(*index))
    };
    let taken = usable().find(|index| {
        let share = candidates.share(*index);
        share >= 1.0 || rand::random_bool(share.clamp(0.0, 1.0))
    });
    taken.or_else(|| usable().next())
}

/// The cheapest of so many different ones drawn at random.
fn cheapest(
    candidates: &impl Candidates,
    choices: usize,
    cost: impl Fn(usize) -> f64,
) -> Option<usize> {
    let count = candidates.count();
    if count == 0 {
        return None;
    }
    let mut best: Option<(usize, f64)> = None;
    let (mut drawn, mut draws) = (0, 0);
    // Neighbours of a random place, a random step apart: different by
    // construction, and two numbers suffice.
    let first = rand::random_range(0..count);
    let step = if count > 1 {
        rand::random_range(1..count)
    } else {
        1
    };
    while drawn < choices.min(count) && draws < choices.max(DRAWS).min(count) {
        let index = if draws == 0 {
            first
        } else {
            spread(first, step, draws, count)
        };
        draws += 1;
        if !candidates.usable(index) {
            continue;
        }
        drawn += 1;
        let cost = cost(index);
        if best.is_none_or(|(_, least)| cost < least) {
            best = Some((index, cost));
        }
    }
    let any = || {
        (0..count)
            .map(|offset| (first + offset) % count)
            .find(|index| candidates.usable(*index))
    };
    best.map(|(index, _)| index).or_else(any)
}

/// The n-th draw after the first: the second is a random step away, the ones
/// after it follow in turn, the first left out.
fn spread(first: usize, step: usize, draw: usize, count: usize) -> usize {
    let offset = (step - 1 + draw - 1) % (count - 1) + 1;
    (first + offset) % count
}

/// How long the average of a peak EWMA takes to forget.
pub(crate) const DEFAULT_DECAY: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    struct Fake(Vec<(bool, f64, u32, f64)>);

    impl Candidates for Fake {
        fn count(&self) -> usize {
            self.0.len()
        }
        fn usable(&self, index: usize) -> bool {
            self.0[index].0
        }
        fn cost(&self, index: usize) -> f64 {
            self.0[index].1
        }
        fn pending(&self, index: usize) -> u32 {
            self.0[index].2
        }
        fn share(&self, index: usize) -> f64 {
            self.0[index].3
        }
    }

    fn algorithms() -> [Algorithm; 4] {
        let header = http::HeaderName::from_static("x-key");
        [
            Algorithm::PeakEwma,
            Algorithm::RoundRobin,
            Algorithm::LeastRequest { choices: 3 },
            Algorithm::RingHash {
                header,
                points: 256,
            },
        ]
    }

    fn picks(algorithm: Algorithm, fake: &Fake, times: usize) -> Vec<Option<usize>> {
        let names: Vec<String> = (0..fake.0.len()).map(|index| index.to_string()).collect();
        let picker = Picker::new(algorithm, names.iter().map(String::as_str));
        let turn = AtomicUsize::new(0);
        let mut headers = HeaderMap::new();
        (0..times)
            .map(|time| {
                headers.insert("x-key", time.to_string().parse().unwrap());
                picker.pick(fake, &headers, &turn)
            })
            .collect()
    }

    proptest! {
        /// Whatever is picked is usable, and something is if anything is.
        #[test]
        fn only_usable_ones_are_picked_and_always_one_if_there_is_one(
            fake in proptest::collection::vec((any::<bool>(), 0.0..9.0, 0_u32..9, 0.1..=1.0), 0..9),
        ) {
            let fake = Fake(fake);
            let there_is_one = fake.0.iter().any(|(usable, ..)| *usable);
            for algorithm in algorithms() {
                for picked in picks(algorithm, &fake, 20) {
                    prop_assert_eq!(picked.is_some(), there_is_one);
                    prop_assert!(picked.is_none_or(|index| fake.0[index].0));
                }
            }
        }

        /// Two are drawn, so the dearest of three or more is never picked.
        #[test]
        fn the_dearest_is_never_picked(costs in proptest::collection::vec(0.0..1.0, 2..9)) {
            let mut fake: Vec<_> = costs.iter().map(|cost| (true, *cost, 0, 1.0)).collect();
            fake.push((true, 5.0, 0, 1.0));
            let dearest = fake.len() - 1;
            let picked = picks(Algorithm::PeakEwma, &Fake(fake), 50);
            prop_assert!(picked.iter().all(|index| *index != Some(dearest)));
        }
    }

    #[test]
    fn equals_share_evenly() {
        let fake = Fake(vec![(true, 1.0, 0, 1.0); 4]);
        for algorithm in algorithms() {
            let picked = picks(algorithm.clone(), &fake, 8_000);
            for index in 0..4 {
                let count = picked
                    .iter()
                    .filter(|picked| **picked == Some(index))
                    .count();
                // Drawn at random: five deviations on either side of 2,000.
                assert!((1_500..2_500).contains(&count), "{algorithm:?}: {count}");
            }
        }
    }

    #[test]
    fn one_that_comes_back_gets_its_share() {
        let mut fake = Fake(vec![(true, 1.0, 1, 1.0); 4]);
        fake.0[2].3 = 0.1;
        let picked = picks(Algorithm::RoundRobin, &fake, 8_000);
        let count = picked.iter().filter(|picked| **picked == Some(2)).count();
        assert!((100..400).contains(&count), "{count}");
        let picked = picks(Algorithm::PeakEwma, &fake, 1_000);
        assert!(
            !picked.contains(&Some(2)),
            "ten times dearer than the others"
        );
    }
}
