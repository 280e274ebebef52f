//! Every promise, seed by seed. The long form is the program `simulate`.

use covergen_simulation::run;

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
    let reports = seeds.into_iter().map(|seed| run(seed, None));
    let failed: Vec<String> = reports
        .filter(|report| !report.is_ok())
        .map(|report| report.to_string())
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
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
