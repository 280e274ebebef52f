//! The checker is worth something: with a bug planted, it says so.

use crate::checker::check;
use crate::world::{Fault, Lost, Script, World};

/// How many of the one-fault stories the checker objects to.
async fn objections(lost: Option<Lost>) -> usize {
    let mut objections = 0;
    for point in 1..40 {
        for other in [Fault::Crash, Fault::Cancel] {
            for max_attempts in [1, 5] {
                let script = Script {
                    faults: [(point, Fault::Crash), (point + 3, other)].into(),
                    refused: Some(("commit", 1)),
                    lost,
                    max_attempts,
                    ..Script::default()
                };
                let world = World::new(script);
                let end = world.to_the_end().await;
                objections += usize::from(check(&world, &end).is_err());
            }
        }
    }
    objections
}

#[tokio::test(start_paused = true)]
async fn a_sound_journal_gives_no_objection() {
    assert_eq!(objections(None).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_loses_what_was_begun_is_found_out() {
    assert!(objections(Some(Lost::Started)).await > 0);
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_loses_the_decision_to_undo_is_found_out() {
    assert!(objections(Some(Lost::Decision)).await > 0);
}
