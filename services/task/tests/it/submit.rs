use covergen_proto::task::v1::task::State;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{Engine, World, refused};

on_both_engines!(
    the_same_task_again_answers_with_the_same_task,
    many_submissions_of_one_task_make_one_task,
    a_task_id_with_another_payload_or_workspace_is_taken,
    a_malformed_id_is_a_violation_on_its_field,
    a_delayed_task_waits,
);

async fn the_same_task_again_answers_with_the_same_task(engine: Engine) {
    let world = World::start(engine).await;
    let request = world.request(world.workspace());
    let mut cover = world.cover();
    let first = cover
        .submit_task(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first.state(), State::Pending);
    assert_eq!((first.execution, first.attempt, first.version), (1, 0, 1));
    let leased = world.lease_one().await;
    assert_eq!(leased.task_id, first.id);
    assert_eq!(leased.payload, request.payload);
    let again = cover.submit_task(request).await.unwrap().into_inner();
    assert_eq!(again.state(), State::Running, "as it is now");
    assert_eq!(again.id, first.id);
}

async fn many_submissions_of_one_task_make_one_task(engine: Engine) {
    let world = World::start(engine).await;
    let request = world.request(world.workspace());
    let all = (0..20).map(|_| {
        let (mut cover, request) = (world.cover(), request.clone());
        async move { cover.submit_task(request).await.unwrap().into_inner().id }
    });
    let ids = futures::future::join_all(all).await;
    assert!(ids.iter().all(|id| *id == request.task_id));
    assert_eq!(world.number("SELECT count(*) FROM tasks").await, 1);
    let told = "SELECT count(*) FROM outbox WHERE name LIKE '%TaskStateChanged'";
    assert_eq!(world.number(told).await, 1);
}

async fn a_task_id_with_another_payload_or_workspace_is_taken(engine: Engine) {
    let world = World::start(engine).await;
    let request = world.request(world.workspace());
    let mut cover = world.cover();
    cover.submit_task(request.clone()).await.unwrap();
    let mut other = request.clone();
    other.payload = vec![9].into();
    let answer = cover.submit_task(other).await;
    refused(answer, Code::AlreadyExists, "TASK_ID_TAKEN");
    let mut other = request;
    other.workspace_id = world.workspace().to_string();
    let answer = cover.submit_task(other).await;
    refused(answer, Code::AlreadyExists, "TASK_ID_TAKEN");
}

async fn a_malformed_id_is_a_violation_on_its_field(engine: Engine) {
    let world = World::start(engine).await;
    let mut request = world.request(world.workspace());
    request.task_id = request.workspace_id.clone();
    let status = world.cover().submit_task(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let violations = status.get_details_bad_request().unwrap().field_violations;
    assert_eq!(violations[0].field, "taskId");
}

async fn a_delayed_task_waits(engine: Engine) {
    let world = World::start(engine).await;
    let mut request = world.request(world.workspace());
    request.delay_ms = 3_600_000;
    world.cover().submit_task(request).await.unwrap();
    assert_eq!(world.lease(1, 0).await, vec![]);
}
