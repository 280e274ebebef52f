//! The loop around the engine.

use std::time::Duration;

use covergen_mesh::CallContext;
use covergen_saga::{Finish, Worker, WorkerOptions};
use tokio_util::sync::CancellationToken;

use crate::world::{Deed, Fault, Script, World};

fn worker(world: &World) -> Worker<World> {
    let options = WorkerOptions {
        name: "test-1".to_owned(),
        concurrency: 1,
    };
    Worker::new(world.clone(), options, |_| CallContext::background()).saga(world.clone())
}

/// Runs a worker until the task has ended, then shuts it down.
async fn work(world: &World) -> Finish {
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(worker(world).run(shutdown.clone()));
    let ended = async {
        loop {
            if let Some(end) = world.inner().end.clone() {
                return end;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let end = tokio::time::timeout(Duration::from_secs(600), ended)
        .await
        .unwrap();
    shutdown.cancel();
    running.await.unwrap();
    end
}

#[tokio::test(start_paused = true)]
async fn a_worker_works_until_shutdown_and_then_returns() {
    let world = World::new(Script {
        failing: Some(("upload", 2)),
        max_attempts: 5,
        ..Script::default()
    });
    assert_eq!(work(&world).await, Finish::Succeeded);
    let ran = |deed: &&Deed| **deed == Deed::Ran("reserve");
    assert_eq!(world.inner().deeds.iter().filter(ran).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_task_is_stopped_in_the_middle_of_a_step_by_the_heartbeat() {
    // The step hangs for ever: only the heartbeat can tell its worker.
    let world = World::new(Script {
        faults: [(12, Fault::Crash)].into(),
        max_attempts: 5,
        ..Script::default()
    });
    let asking = world.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        asking.cancel();
    });
    let end = work(&world).await;
    assert!(matches!(end, Finish::Cancelled(_)), "{end:?}");
    assert!(world.inner().effects.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_ends_an_attempt_that_hangs() {
    let world = World::new(Script {
        faults: [(12, Fault::Crash)].into(),
        max_attempts: 5,
        ..Script::default()
    });
    let taking = world.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        // Somebody else has the task now, and is gone the next moment.
        taking.lease_one();
    });
    assert_eq!(work(&world).await, Finish::Succeeded);
}
