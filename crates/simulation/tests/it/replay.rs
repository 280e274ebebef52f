//! The same seed, the same history: as whoever looks into a failure runs it,
//! in a process of its own.

use crate::simulated;

#[test]
fn a_seed_gives_the_same_history_line_by_line_every_time() {
    for seed in [3, 5, 8, 13, 21] {
        let (first, second) = (simulated(seed), simulated(seed));
        assert!(first.history.len() > 100, "seed {seed} is hardly a history");
        assert_eq!(first.history, second.history, "seed {seed}");
        assert_eq!(first.seen, second.seen, "seed {seed}");
    }
}

#[test]
fn other_seeds_give_other_histories() {
    let histories: std::collections::BTreeSet<_> =
        (1..6).map(|seed| simulated(seed).history).collect();
    assert_eq!(histories.len(), 5);
}
