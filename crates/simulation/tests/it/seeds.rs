//! Every promise, seed by seed. The long form is the program `simulate`.

use crate::simulated;

/// Runs these seeds, or the one that is asked for, if it is among them.
fn run_all(seeds: std::ops::Range<u64>) {
    let asked = std::env::var("COVERGEN_SIMULATION_SEED").ok();
    let asked = asked.map(|seed| seed.parse::<u64>().unwrap());
    let first = seeds.start;
    // One that lies outside of all ranges is the first range's.
    let ours = |seed: &u64| seeds.contains(seed) || (first == 1 && *seed > SEEDS || *seed == 0);
    let seeds: Vec<u64> = match asked {
        Some(seed) => Some(seed).filter(ours).into_iter().collect(),
        None => seeds.clone().collect(),
    };
    let is_whole = asked.is_none();
    let (mut failed, mut sums) = (Vec::new(), [0; 4]);
    for seed in seeds {
        let report = simulated(seed);
        for (sum, seen) in sums.iter_mut().zip(report.seen) {
            *sum += seen;
        }
        if let Some(wrong) = report.wrong {
            failed.push(wrong);
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    // Promises of which nothing came are kept by whoever does nothing.
    assert!(
        !is_whole || sums.iter().all(|sum| *sum > 0),
        "completed, compensated, events, faults: {sums:?}"
    );
}

/// How many there are in all, in four parts for as many cores.
const SEEDS: u64 = 200;

#[test]
fn every_seed_of_the_first_quarter_converges() {
    run_all(1..51);
}

#[test]
fn every_seed_of_the_second_quarter_converges() {
    run_all(51..101);
}

#[test]
fn every_seed_of_the_third_quarter_converges() {
    run_all(101..151);
}

#[test]
fn every_seed_of_the_last_quarter_converges() {
    run_all(151..SEEDS + 1);
}
