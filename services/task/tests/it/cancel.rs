use covergen_proto::task::v1::finish_task_request::Outcome;
use covergen_proto::task::v1::task::State;
use covergen_proto::task::v1::{CancelTaskRequest, Task};
use tonic::Code;

use crate::world::{Engine, World, beat, record, refused};

on_both_engines!(
    a_running_worker_learns_it_by_its_heartbeat,
    a_waiting_task_is_handed_out_to_be_undone,
    asked_before_the_pivot_the_pivot_is_not_written,
    past_the_pivot_nobody_listens,
    a_task_of_another_workspace_cannot_be_cancelled,
);

async fn cancel(world: &World, task: &Task) -> Task {
    let mut owner = world.harness.creator();
    owner.workspace_id = task.workspace_id.parse().unwrap();
    let request = CancelTaskRequest {
        task_id: task.id.clone(),
    };
    let answer = world
        .service("cover", Some(&owner))
        .cancel_task(request)
        .await;
    answer.unwrap().into_inner()
}

async fn a_running_worker_learns_it_by_its_heartbeat(engine: Engine) {
    let world = World::start(engine).await;
    let task = world.submit().await;
    let leased = world.lease_one().await;
    let mut cover = world.cover();
    assert!(
        !cover
            .heartbeat(beat(&leased, 10))
            .await
            .unwrap()
            .into_inner()
            .cancel_requested
    );
    let asked = cancel(&world, &task).await;
    assert_eq!(asked.state(), State::Running, "its worker has to undo it");
    assert!(asked.cancel_requested);
    assert!(
        cover
            .heartbeat(beat(&leased, 10))
            .await
            .unwrap()
            .into_inner()
            .cancel_requested
    );
    let answer = cover
        .record_step(record(&leased, "upload", false))
        .await
        .unwrap();
    assert!(answer.into_inner().cancel_requested);
    let ended = world
        .finish(&leased, Outcome::Cancelled, true)
        .await
        .unwrap();
    assert_eq!(ended.state(), State::Cancelled);
    assert_eq!(
        cancel(&world, &task).await.state(),
        State::Cancelled,
        "asking again is no error"
    );
}

async fn a_waiting_task_is_handed_out_to_be_undone(engine: Engine) {
    let world = World::start(engine).await;
    let mut request = world.request(world.workspace());
    request.delay_ms = 3_600_000;
    let task = world
        .cover()
        .submit_task(request)
        .await
        .unwrap()
        .into_inner();
    cancel(&world, &task).await;
    let leased = world.lease_one().await;
    assert!(leased.cancel_requested, "at once, whatever its delay was");
}

async fn asked_before_the_pivot_the_pivot_is_not_written(engine: Engine) {
    let world = World::start(engine).await;
    let task = world.submit().await;
    let leased = world.lease_one().await;
    cancel(&world, &task).await;
    let answer = world
        .cover()
        .record_step(record(&leased, "commit", true))
        .await;
    assert!(answer.unwrap().into_inner().cancel_requested);
    world
        .finish(&leased, Outcome::Transient, true)
        .await
        .unwrap();
    let next = world.lease_one().await;
    assert!(next.cancel_requested);
    assert_eq!(next.journal, vec![]);
}

async fn past_the_pivot_nobody_listens(engine: Engine) {
    let world = World::start(engine).await;
    let task = world.submit().await;
    let leased = world.lease_one().await;
    let mut cover = world.cover();
    cover
        .record_step(record(&leased, "commit", true))
        .await
        .unwrap();
    let asked = cancel(&world, &task).await;
    assert!(!asked.cancel_requested);
    assert!(
        !cover
            .heartbeat(beat(&leased, 10))
            .await
            .unwrap()
            .into_inner()
            .cancel_requested
    );
    let ended = world
        .finish(&leased, Outcome::Succeeded, true)
        .await
        .unwrap();
    assert_eq!(ended.state(), State::Succeeded);
}

async fn a_task_of_another_workspace_cannot_be_cancelled(engine: Engine) {
    let world = World::start(engine).await;
    let task = world.submit().await;
    let request = CancelTaskRequest {
        task_id: task.id.clone(),
    };
    let stranger = world.harness.creator();
    let answer = world
        .service("cover", Some(&stranger))
        .cancel_task(request)
        .await;
    refused(answer, Code::NotFound, "TASK_NOT_FOUND");
    assert!(!world.get(&task).await.cancel_requested);
}
