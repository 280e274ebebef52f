use covergen_chassis::Harness;
use covergen_ids::Clock;
use covergen_proto::task::v1::finish_task_request::Outcome;

use crate::world::{Engine, World, configure};

/// PostgreSQL keeps its own clock across the service's restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_of_before_a_restart_ends_although_the_clock_was_set_back() {
    let day = 24 * 60 * 60 * 1000;
    let clock = Clock::manual(Clock::system().now_ms());
    let services = || vec![covergen_task::service()];
    let brisk = |config: &mut covergen_chassis::Config| configure(config, "lease_ms = 50");
    let harness = Harness::start_with(services(), clock.clock(), brisk).await;
    let mut world = World::over(harness);
    let task = world.submit().await;
    let before = world.lease_one().await;
    clock.advance_ms(-day);
    world = World::over(world.harness.restart(services(), brisk).await);
    let after = world.lease_one().await;
    assert_eq!(after.task_id, task.id);
    assert!(after.fencing_token > before.fencing_token);
    world
        .finish(&after, Outcome::Succeeded, true)
        .await
        .unwrap();
}

/// Several processes share one database, whose clock is the only one that
/// counts: one that is behind leases all the same, and one that is ahead
/// leases nothing before its time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_a_service_whose_clock_is_an_hour_off_leases_what_is_due() {
    let hour = 60 * 60 * 1000;
    for off in [-hour, hour] {
        let databases = covergen_testkit::postgres_databases(&["task"]).await;
        let url = databases.url();
        let clock = Clock::manual(Clock::system().now_ms() + off);
        let services = vec![covergen_task::service()];
        let harness = Harness::start_with(services, clock.clock(), |config| {
            configure(config, "");
            config.database.url = url;
        })
        .await;
        let world = World::over(harness);
        let task = world.submit().await;
        assert_eq!(world.lease_one().await.task_id, task.id);
        drop(databases);
    }
}

/// What was submitted and done before is there afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_outlives_the_process() {
    let world = World::start(Engine::Sqlite).await;
    let task = world.submit().await;
    let services = vec![covergen_task::service()];
    let harness = world
        .harness
        .restart(services, |config| configure(config, ""))
        .await;
    let world = World::over(harness);
    assert_eq!(world.lease_one().await.task_id, task.id);
}
