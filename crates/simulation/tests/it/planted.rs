//! A checker that passes proves little unless it fails where it should.

use covergen_simulation::{Bug, run};

/// Seeds that are tried until one shows the mistake.
const TRIED: u64 = 40;

/// What the checker says about a mistake, at the first seed that shows it.
fn found(bug: Bug) -> String {
    (1..=TRIED)
        .map(|seed| run(seed, Some(bug)))
        .find(|report| !report.is_ok())
        .map(|report| report.to_string())
        .unwrap_or_else(|| panic!("{bug:?} was not found by {TRIED} seeds"))
}

#[test]
fn an_inbox_that_is_off_is_found() {
    let told = found(Bug::InboxOff);
    assert!(told.contains("the consumer has"), "{told}");
}

#[test]
fn an_acknowledgement_before_the_commit_is_found() {
    let told = found(Bug::AckBeforeCommit);
    assert!(told.contains("the consumer has"), "{told}");
}

#[test]
fn a_row_marked_as_sent_before_it_is_dispatched_is_found() {
    let told = found(Bug::SentBeforeDispatch);
    let lost = ["never came into the queue", "the consumer has"];
    assert!(lost.iter().any(|lost| told.contains(lost)), "{told}");
}

#[test]
fn requests_that_do_not_know_of_each_other_are_found() {
    let told = found(Bug::ClaimsOff);
    let twice = ["several tasks", "taken on twice"];
    assert!(twice.iter().any(|twice| told.contains(twice)), "{told}");
}

#[test]
fn leases_by_a_wall_clock_that_jumps_are_found() {
    let told = found(Bug::LeasesByWallClock);
    assert!(told.contains("Running"), "{told}");
}
