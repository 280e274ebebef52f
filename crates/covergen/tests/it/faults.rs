//! The cheapest rows of the fault suite, in their short form. All of them:
//! `cargo xtask soak` (docs/RELIABILITY.md).

use std::path::Path;

use covergen_faults::scenario::{ALL, Bench};
use tempfile::tempdir;

async fn holds(name: &str) {
    let folder = tempdir().unwrap();
    let bench = Bench {
        binary: Path::new(env!("CARGO_BIN_EXE_covergen")).to_path_buf(),
        folder: folder.path().to_path_buf(),
        short: true,
    };
    let scenario = ALL.iter().find(|scenario| scenario.name == name).unwrap();
    let verdicts = scenario.run(bench).await.unwrap();
    assert!(!verdicts.is_empty());
    for verdict in &verdicts {
        assert!(verdict.timed || verdict.ok(), "{verdict:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checker_finds_every_planted_fault() {
    holds("planted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_steps_of_the_saga_nothing_is_lost_or_doubled() {
    holds("saga-steps").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nats_is_away_everything_is_taken_and_nothing_is_lost() {
    holds("nats-away").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_message_is_parked_after_five_deliveries_and_the_next_is_handled() {
    holds("poison-message").await;
}
