use covergen_proto::task::v1::finish_task_request::Outcome;
use covergen_proto::task::v1::{BatchGetTasksRequest, GetQueueStatsRequest, GetTaskRequest};
use tonic::Code;

use crate::world::{Engine, World, beat, lease, record, refused};

on_both_engines!(
    a_person_sees_only_the_tasks_of_their_workspace,
    many_tasks_are_got_at_once_within_the_workspace_alone,
    a_service_touches_no_kind_of_another,
    a_creator_runs_nothing_and_sees_no_queue,
    an_operator_may_submit_any_kind,
);

async fn a_person_sees_only_the_tasks_of_their_workspace(engine: Engine) {
    let world = World::start(engine).await;
    let owner = world.harness.creator();
    let task = world.submit_for(owner.workspace_id).await;
    let request = GetTaskRequest {
        task_id: task.id.clone(),
    };
    let found = world
        .person(&owner)
        .get_task(request.clone())
        .await
        .unwrap();
    assert_eq!(found.into_inner().id, task.id);
    let stranger = world
        .person(&world.harness.creator())
        .get_task(request)
        .await;
    refused(stranger, Code::NotFound, "TASK_NOT_FOUND");
}

async fn many_tasks_are_got_at_once_within_the_workspace_alone(engine: Engine) {
    let world = World::start(engine).await;
    let owner = world.harness.creator();
    let (first, second) = (
        world.submit_for(owner.workspace_id).await,
        world.submit_for(owner.workspace_id).await,
    );
    let foreign = world.submit().await;
    let leased = world.lease_one().await;
    world.cover().heartbeat(beat(&leased, 40)).await.unwrap();
    let request = BatchGetTasksRequest {
        task_ids: [&second.id, &foreign.id, &first.id]
            .map(Clone::clone)
            .into(),
    };
    let cover = world.service("cover", Some(&owner));
    let found = cover.clone().batch_get_tasks(request.clone()).await;
    let mut found = found.unwrap().into_inner().tasks;
    found.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((&found[0].id, &found[1].id), (&first.id, &second.id));
    assert_eq!(leased.task_id, first.id, "the first to come is the first");
    assert_eq!(found[0].progress_percent, 40);
    assert_eq!(found[1].progress_percent, 0);

    let nothing = BatchGetTasksRequest::default();
    let none = cover.clone().batch_get_tasks(nothing).await;
    assert_eq!(none.unwrap().into_inner().tasks, vec![]);
    let mut odd = request.clone();
    odd.task_ids[1] = owner.workspace_id.to_string();
    let odd = cover.clone().batch_get_tasks(odd).await;
    assert_eq!(odd.unwrap_err().code(), Code::InvalidArgument);
    // It is between services: a person has cover to ask.
    let person = world.person(&owner).batch_get_tasks(request).await;
    refused(person, Code::PermissionDenied, "PERMISSION_DENIED");
}

async fn a_service_touches_no_kind_of_another(engine: Engine) {
    let world = World::start(engine).await;
    world.submit().await;
    let mut export = world.service("export", None);
    let request = world.request(world.workspace());
    refused(
        export.submit_task(request).await,
        Code::InvalidArgument,
        "FOREIGN_KIND",
    );
    refused(
        export.lease_tasks(lease(1, 0)).await,
        Code::InvalidArgument,
        "FOREIGN_KIND",
    );
    // Even with the number that a lease's token is.
    let leased = world.lease_one().await;
    let lost = Code::FailedPrecondition;
    refused(export.heartbeat(beat(&leased, 1)).await, lost, "LEASE_LOST");
    refused(
        export.record_step(record(&leased, "a", false)).await,
        lost,
        "LEASE_LOST",
    );
    let finish = covergen_proto::task::v1::FinishTaskRequest {
        task_id: leased.task_id.clone(),
        fencing_token: leased.fencing_token,
        outcome: Outcome::Succeeded.into(),
        error: None,
        burn_attempt: true,
    };
    refused(export.finish_task(finish).await, lost, "LEASE_LOST");
    world
        .finish(&leased, Outcome::Succeeded, true)
        .await
        .unwrap();
}

async fn a_creator_runs_nothing_and_sees_no_queue(engine: Engine) {
    let world = World::start(engine).await;
    let mut creator = world.person(&world.harness.creator());
    let request = world.request(world.workspace());
    let denied = Code::PermissionDenied;
    refused(
        creator.submit_task(request).await,
        denied,
        "PERMISSION_DENIED",
    );
    refused(
        creator.lease_tasks(lease(1, 0)).await,
        denied,
        "PERMISSION_DENIED",
    );
    let stats = creator.get_queue_stats(GetQueueStatsRequest {}).await;
    refused(stats, denied, "PERMISSION_DENIED");
    let nobody = world.harness.as_anonymous("task");
    let answer = covergen_proto::task::v1::task_service_client(nobody)
        .get_queue_stats(GetQueueStatsRequest {})
        .await;
    refused(answer, Code::Unauthenticated, "UNAUTHENTICATED");
}

async fn an_operator_may_submit_any_kind(engine: Engine) {
    let world = World::start(engine).await;
    let mut request = world.request(world.workspace());
    request.kind = "media.resize".to_owned();
    let task = world.operator().submit_task(request).await.unwrap();
    assert_eq!(task.into_inner().kind, "media.resize");
}
