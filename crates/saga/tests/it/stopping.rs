//! Cancelling, losing the lease, shutting down, unknown versions.

use covergen_saga::Journal as _;
use covergen_saga::{Ended, Finish, JournalError, execute};
use tokio_util::sync::CancellationToken;

use crate::world::{Deed, Fault, Script, World, reason};

fn world(faults: &[(usize, Fault)]) -> World {
    World::new(Script {
        faults: faults.iter().copied().collect(),
        max_attempts: 3,
        ..Script::default()
    })
}

#[tokio::test(start_paused = true)]
async fn a_task_cancelled_before_it_began_still_undoes_its_first_step() {
    let world = world(&[]);
    world.cancel();
    let end = world.to_the_end().await;
    assert!(matches!(end, Finish::Cancelled(_)), "{end:?}");
    assert_eq!(world.inner().deeds, vec![Deed::Undid("reserve")]);
}

#[tokio::test(start_paused = true)]
async fn nobody_cancels_past_the_pivot() {
    let points = {
        let world = world(&[]);
        world.to_the_end().await;
        world.inner().points
    };
    let mut succeeded = 0;
    for point in 1..=points {
        let world = world(&[(point, Fault::Cancel)]);
        let end = world.to_the_end().await;
        let pivoted = world.inner().pivoted;
        assert_eq!(
            pivoted,
            end == Finish::Succeeded,
            "asked at {point}: {end:?}"
        );
        succeeded += u32::from(pivoted);
    }
    assert!(succeeded > 0, "some came too late");
    assert!(
        succeeded < u32::try_from(points).unwrap(),
        "some came in time"
    );
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_lost_its_lease_undoes_nothing_and_writes_nothing() {
    let world = world(&[]);
    let (stale, _) = world.lease_one();
    world.lease_one();
    let shutdown = CancellationToken::new();
    let ended = execute(
        &world,
        &world,
        stale.clone(),
        CancellationToken::new(),
        &shutdown,
    )
    .await;
    assert_eq!(ended, Ended::Abandoned);
    assert_eq!(world.inner().deeds, vec![]);
    assert_eq!(world.inner().journal, vec![]);
    assert_eq!(
        world.beat(&stale, 0, "").await,
        Err(JournalError::LeaseLost)
    );
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_nobody_asked_for_is_a_lost_lease_and_undoes_nothing() {
    let world = world(&[]);
    let (task, stop) = world.lease_one();
    stop.cancel();
    let shutdown = CancellationToken::new();
    let ended = execute(&world, &world, task, stop, &shutdown).await;
    // A step may win the race against the token, and then goes on to the end.
    assert!(
        matches!(ended, Ended::Abandoned | Ended::Finished(Finish::Succeeded)),
        "{ended:?}"
    );
    let undid = |deed: &Deed| matches!(deed, Deed::Undid(_));
    assert!(!world.inner().deeds.iter().any(undid));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_gives_the_task_back_without_counting_the_attempt() {
    let world = world(&[]);
    let (task, stop) = world.lease_one();
    let shutdown = CancellationToken::new();
    shutdown.cancel();
    let ended = execute(&world, &world, task, stop, &shutdown).await;
    let Ended::Finished(finish @ Finish::Transient { burn_attempt, .. }) = ended else {
        panic!("{ended:?}");
    };
    assert!(!burn_attempt);
    assert_eq!(reason(&finish), "SHUTDOWN");
    assert_eq!(world.inner().attempt, 0);
    assert_eq!(world.to_the_end().await, Finish::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn a_version_nobody_knows_waits_for_an_operator_untouched() {
    let world = world(&[]);
    let (mut task, stop) = world.lease_one();
    task.saga_version = 99;
    let shutdown = CancellationToken::new();
    let ended = execute(&world, &world, task, stop, &shutdown).await;
    let Ended::Finished(finish) = ended else {
        panic!("{ended:?}");
    };
    assert_eq!(reason(&finish), "SAGA_VERSION_UNKNOWN");
    assert_eq!(world.inner().deeds, vec![]);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_past_the_pivot_waits_for_an_operator_and_undoes_nothing() {
    let world = World::new(Script {
        refused: Some(("publish", usize::MAX)),
        max_attempts: 1,
        ..Script::default()
    });
    let end = world.to_the_end().await;
    assert!(matches!(end, Finish::NeedsOperator(_)), "{end:?}");
    assert!(world.inner().effects.contains("commit"));
    assert!(world.inner().effects.contains("upload"));
}

#[tokio::test(start_paused = true)]
async fn what_fails_past_the_pivot_is_tried_until_it_works() {
    let world = World::new(Script {
        failing: Some(("publish", 7)),
        max_attempts: 1,
        ..Script::default()
    });
    assert_eq!(world.to_the_end().await, Finish::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_panics_uses_up_its_attempts_and_is_undone() {
    let world = World::new(Script {
        panics: Some("upload"),
        max_attempts: 3,
        ..Script::default()
    });
    let end = world.to_the_end().await;
    assert_eq!(reason(&end), "ATTEMPTS_EXHAUSTED");
    assert!(world.inner().effects.is_empty());
}
