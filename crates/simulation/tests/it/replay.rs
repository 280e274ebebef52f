//! The same seed, the same history.

use covergen_simulation::run;

#[test]
fn a_seed_gives_the_same_history_line_by_line_every_time() {
    for seed in [3, 5, 8, 13, 21] {
        let (first, second) = (run(seed, None), run(seed, None));
        assert!(first.history.len() > 100, "seed {seed} is hardly a history");
        assert_eq!(first.history, second.history, "seed {seed}");
        assert_eq!(first.digest, second.digest, "seed {seed}");
        assert_eq!(first.counts, second.counts, "seed {seed}");
    }
}

#[test]
fn other_seeds_give_other_histories() {
    let digests: std::collections::BTreeSet<_> =
        (1..6).map(|seed| run(seed, None).digest).collect();
    assert_eq!(digests.len(), 5);
}
