use covergen_ids::TaskId;
use covergen_proto::task::v1::finish_task_request::Outcome;
use covergen_proto::task::v1::{
    DeleteTaskRequest, GetQueueStatsRequest, GetSagaRequest, GetTaskRequest,
    ListDeadLettersRequest, ListTasksRequest, journal_entry, task,
};
use tonic::Code;

use crate::world::{Engine, World, record, refused};

on_both_engines!(
    queue_stats_agree_with_the_rows,
    dead_letters_are_paged_newest_first_and_leave_with_a_retry,
    only_an_ended_task_can_be_deleted,
    operators_list_the_tasks_of_everybody_and_filter_them,
    a_saga_shows_its_steps_in_the_order_they_were_begun,
);

async fn queue_stats_agree_with_the_rows(engine: Engine) {
    let world = World::start(engine).await;
    for outcome in [
        Outcome::Succeeded,
        Outcome::Succeeded,
        Outcome::Fatal,
        Outcome::Cancelled,
        Outcome::NeedsOperator,
    ] {
        world.submit().await;
        let leased = world.lease_one().await;
        world.finish(&leased, outcome, true).await.unwrap();
    }
    world.submit().await;
    world.lease_one().await;
    for _ in 0..3 {
        world.submit().await;
    }
    let answer = world
        .operator()
        .get_queue_stats(GetQueueStatsRequest {})
        .await;
    let kinds = answer.unwrap().into_inner().kinds;
    assert_eq!(kinds.len(), 1);
    let stats = &kinds[0];
    assert_eq!(stats.kind, "cover.generate");
    let counts = [
        (stats.pending, "PENDING"),
        (stats.running, "RUNNING"),
        (stats.succeeded, "SUCCEEDED"),
        (stats.failed, "FAILED"),
        (stats.cancelled, "CANCELLED"),
    ];
    assert_eq!(counts.map(|(count, _)| count), [3, 1, 2, 2, 1]);
    for (count, state) in counts {
        let sql = format!("SELECT count(*) FROM tasks WHERE state = '{state}'");
        assert_eq!(i64::from(count), world.number(&sql).await, "{state}");
    }
    assert_eq!(stats.needs_operator, 1);
}

async fn dead_letters_are_paged_newest_first_and_leave_with_a_retry(engine: Engine) {
    let world = World::start(engine).await;
    let mut dead = Vec::new();
    for _ in 0..3 {
        let task = world.submit().await;
        let leased = world.lease_one().await;
        world
            .finish(&leased, Outcome::NeedsOperator, true)
            .await
            .unwrap();
        dead.insert(0, task.id);
    }
    let mut listed = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListDeadLettersRequest {
            page_size: 2,
            page_token,
        };
        let page = world
            .operator()
            .list_dead_letters(request)
            .await
            .unwrap()
            .into_inner();
        listed.extend(page.tasks.into_iter().map(|task| task.id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    // Those of one millisecond are ordered by id, newest first too.
    assert_eq!(listed, dead);
    let request = covergen_proto::task::v1::RetryTaskRequest {
        task_id: dead[0].clone(),
        request_id: String::new(),
    };
    world.operator().retry_task(request).await.unwrap();
    let page = world
        .operator()
        .list_dead_letters(ListDeadLettersRequest::default())
        .await;
    assert_eq!(page.unwrap().into_inner().tasks.len(), 2);
}

async fn only_an_ended_task_can_be_deleted(engine: Engine) {
    let world = World::start(engine).await;
    let task = world.submit().await;
    let request = DeleteTaskRequest {
        task_id: task.id.clone(),
    };
    let waiting = world.operator().delete_task(request.clone()).await;
    refused(waiting, Code::FailedPrecondition, "TASK_NOT_ENDED");
    let leased = world.lease_one().await;
    world
        .cover()
        .record_step(crate::world::record(&leased, "a", false))
        .await
        .unwrap();
    world
        .finish(&leased, Outcome::Succeeded, true)
        .await
        .unwrap();
    world.operator().delete_task(request.clone()).await.unwrap();
    assert_eq!(world.number("SELECT count(*) FROM journal").await, 0);
    refused(
        world.operator().delete_task(request).await,
        Code::NotFound,
        "TASK_NOT_FOUND",
    );
    let mut owner = world.harness.creator();
    owner.workspace_id = task.workspace_id.parse().unwrap();
    let gone = world
        .person(&owner)
        .get_task(GetTaskRequest { task_id: task.id })
        .await;
    refused(gone, Code::NotFound, "TASK_NOT_FOUND");
}

async fn operators_list_the_tasks_of_everybody_and_filter_them(engine: Engine) {
    let world = World::start(engine).await;
    for outcome in [Outcome::Succeeded, Outcome::Fatal, Outcome::Succeeded] {
        world.submit().await;
        let leased = world.lease_one().await;
        world.finish(&leased, outcome, true).await.unwrap();
    }
    let waiting = world.submit().await;
    let mut listed = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListTasksRequest {
            page_size: 3,
            page_token,
            ..ListTasksRequest::default()
        };
        let page = world.operator().list_tasks(request).await.unwrap();
        let page = page.into_inner();
        listed.extend(page.tasks);
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
    }
    assert_eq!(listed.len(), 4);
    assert_eq!(listed[0].id, waiting.id, "the latest changed comes first");
    let of = async |state: task::State, kind: &str| {
        let request = ListTasksRequest {
            state: state.into(),
            kind: kind.to_owned(),
            ..ListTasksRequest::default()
        };
        let page = world.operator().list_tasks(request).await.unwrap();
        page.into_inner().tasks.len()
    };
    assert_eq!(of(task::State::Succeeded, "").await, 2);
    assert_eq!(of(task::State::Succeeded, "cover.generate").await, 2);
    assert_eq!(of(task::State::Unspecified, "export.file").await, 0);
}

async fn a_saga_shows_its_steps_in_the_order_they_were_begun(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.submit().await.id;
    let leased = world.lease_one().await;
    let mut reserved = record(&leased, "reserve", false);
    reserved.entries[0].state = journal_entry::State::Done.into();
    for request in [reserved, record(&leased, "paint", false)] {
        world.cover().record_step(request).await.unwrap();
    }
    let request = GetSagaRequest { task_id: id };
    let saga = world.operator().get_saga(request).await.unwrap();
    let saga = saga.into_inner();
    let steps: Vec<_> = saga
        .steps
        .iter()
        .map(|step| (step.step.as_str(), step.state()))
        .collect();
    assert_eq!(
        steps,
        [
            ("reserve", journal_entry::State::Done),
            ("paint", journal_entry::State::Started),
        ]
    );
    assert!(!saga.pivoted);
    assert!(!saga.worker.is_empty(), "somebody holds it");
    let nobodys = GetSagaRequest {
        task_id: TaskId::new(world.harness.clock()).to_string(),
    };
    refused(
        world.operator().get_saga(nobodys).await,
        Code::NotFound,
        "TASK_NOT_FOUND",
    );
}
