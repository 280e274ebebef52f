use covergen_chassis::Harness;
use covergen_ids::Clock;
use covergen_proto::task::v1::finish_task_request::Outcome;
use covergen_proto::task::v1::task::State;
use covergen_proto::task::v1::{Task, WatchTaskRequest};
use tonic::Code;

use crate::world::{Client, Engine, World, beat, refused};

on_both_engines!(
    a_watcher_sees_progress_rise_and_the_stream_end_with_the_task,
    a_watcher_that_comes_back_sees_only_what_is_newer,
    a_watcher_of_an_ended_task_is_told_the_end,
    a_task_of_another_workspace_cannot_be_watched,
);

fn watcher(world: &World, task: &Task) -> Client {
    let mut owner = world.harness.creator();
    owner.workspace_id = task.workspace_id.parse().unwrap();
    world.service("cover", Some(&owner))
}

fn watch(task: &Task, after_version: u64) -> WatchTaskRequest {
    WatchTaskRequest {
        task_id: task.id.clone(),
        after_version,
    }
}

async fn a_watcher_sees_progress_rise_and_the_stream_end_with_the_task(engine: Engine) {
    let world = World::start(engine).await;
    let task = world.submit().await;
    let mut watching = watcher(&world, &task);
    let mut stream = watching
        .watch_task(watch(&task, 0))
        .await
        .unwrap()
        .into_inner();
    let first = stream.message().await.unwrap().unwrap();
    assert_eq!(first.state(), State::Pending);
    let working = async {
        let leased = world.lease_one().await;
        for progress in (10..=90).step_by(10) {
            world
                .cover()
                .heartbeat(beat(&leased, progress))
                .await
                .unwrap();
        }
        world
            .finish(&leased, Outcome::Succeeded, true)
            .await
            .unwrap();
    };
    let seeing = async {
        let mut seen = vec![first];
        while let Some(task) = stream.message().await.unwrap() {
            seen.push(task);
        }
        seen
    };
    let ((), seen) = tokio::join!(working, seeing);
    let rising = |pair: &[Task]| {
        pair[0].version < pair[1].version && pair[0].progress_percent <= pair[1].progress_percent
    };
    assert!(seen.windows(2).all(rising), "{seen:?}");
    let last = seen.last().unwrap();
    assert_eq!(
        (last.state(), last.progress_percent),
        (State::Succeeded, 100)
    );
}

async fn a_watcher_that_comes_back_sees_only_what_is_newer(engine: Engine) {
    let world = World::start(engine).await;
    let task = world.submit().await;
    let mut watching = watcher(&world, &task);
    let mut stream = watching
        .watch_task(watch(&task, task.version))
        .await
        .unwrap()
        .into_inner();
    let leased = world.lease_one().await;
    let next = stream.message().await.unwrap().unwrap();
    assert!(next.version > task.version);
    assert_eq!(next.id, leased.task_id);
}

async fn a_watcher_of_an_ended_task_is_told_the_end(engine: Engine) {
    let world = World::start(engine).await;
    let task = world.submit().await;
    let leased = world.lease_one().await;
    world.finish(&leased, Outcome::Fatal, true).await.unwrap();
    let mut watching = watcher(&world, &task);
    let mut stream = watching
        .watch_task(watch(&task, 1_000))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        stream.message().await.unwrap().unwrap().state(),
        State::Failed
    );
    assert_eq!(stream.message().await.unwrap(), None);
}

async fn a_task_of_another_workspace_cannot_be_watched(engine: Engine) {
    let world = World::start(engine).await;
    let task = world.submit().await;
    let stranger = world.harness.creator();
    let answer = world
        .service("cover", Some(&stranger))
        .watch_task(watch(&task, 0))
        .await;
    refused(answer.map(drop), Code::NotFound, "TASK_NOT_FOUND");
}

/// From its submission to its end, with its watcher told of both: the event log
/// is on a server that is not there, whose answers would be waited for in vain.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_event_log_a_task_is_done_and_its_watcher_is_told() {
    let services = vec![covergen_task::service()];
    let harness = Harness::start_with(services, Clock::system(), |config| {
        config.events.url = "nats://127.0.0.1:1".to_owned();
        config.events.request_timeout_ms = 600_000;
    })
    .await;
    let world = World::over(harness);
    let task = world.submit().await;
    let mut watching = watcher(&world, &task);
    let stream = watching.watch_task(watch(&task, 0)).await;
    let mut stream = stream.unwrap().into_inner();
    let first = stream.message().await.unwrap().unwrap();
    assert_eq!(first.state(), State::Pending);
    let leased = world.lease_one().await;
    let finished = world.finish(&leased, Outcome::Succeeded, true).await;
    finished.unwrap();
    let mut last = first;
    while let Some(task) = stream.message().await.unwrap() {
        last = task;
    }
    assert_eq!(last.state(), State::Succeeded);
}
