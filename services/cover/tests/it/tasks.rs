//! What somebody has asked for, as a list.

use std::time::Duration;

use covergen_identity::{Principal, Role};
use covergen_ids::{AssetId, Clock, TaskId, WorkspaceId};
use covergen_proto::cover::v1::cover_task::Status;
use covergen_proto::cover::v1::list_tasks_request::State;
use covergen_proto::cover::v1::{
    CancelTaskRequest, CoverTask, GenerateRequest, GetTaskRequest, ListTasksRequest,
};
use covergen_proto::task::v1::finish_task_request::Outcome;
use covergen_proto::task::v1::{FinishTaskRequest, RetryTaskRequest, TaskError};
use covergen_proto::user::v1::ConfirmReservationRequest;
use tonic::Code;

use crate::bulk::{eventually_over, rows};
use crate::world::{World, order};

async fn listed(world: &World, who: &Principal, state: State) -> Vec<CoverTask> {
    let request = ListTasksRequest {
        state: state.into(),
        ..ListTasksRequest::default()
    };
    let page = world.tasks(who).list_tasks(request).await.unwrap();
    page.into_inner().tasks
}

async fn ids(world: &World, who: &Principal, state: State) -> Vec<String> {
    let tasks = listed(world, who, state).await.into_iter();
    tasks.map(|task| task.task_id).collect()
}

/// A request that is still being painted while a test looks at it.
fn long(title: &str) -> GenerateRequest {
    let mut request = order(title);
    request.template_id = "aurora".to_owned();
    request.variants = 8;
    request.sizes[0].preset = "podcast".to_owned();
    request
}

async fn begin(world: &World, who: &Principal, request: GenerateRequest) -> String {
    let made = world.covers(who).generate(request).await.unwrap();
    made.into_inner().task_id
}

async fn stop(world: &World, who: &Principal, task: &str) -> CoverTask {
    let cancel = CancelTaskRequest {
        task_id: task.to_owned(),
        request_id: String::new(),
    };
    world.covers(who).cancel_task(cancel).await.unwrap();
    world.eventually_ended(who, task).await
}

/// The one open task, once a worker tells how far it is.
async fn eventually_painting(world: &World, who: &Principal) -> CoverTask {
    eventually_at(world, who, |stage| !stage.is_empty()).await
}

async fn eventually_at(world: &World, who: &Principal, there: fn(&str) -> bool) -> CoverTask {
    let mut last = Vec::new();
    for _ in 0..600 {
        last = listed(world, who, State::Open).await;
        assert_eq!(last.len(), 1, "it ended before anybody looked: {last:?}");
        if last[0].status() == Status::Running && there(&last[0].stage) {
            return last.remove(0);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody works on {last:?}");
}

async fn what_is_under_way_is_told_with_its_progress_to_its_owner_alone(world: World) {
    let (ada, eve) = (world.register("ada").await, world.register("eve").await);
    let task = begin(&world, &ada, long("Under way")).await;
    let found = eventually_painting(&world, &ada).await;
    assert_eq!(found.task_id, task);
    assert_eq!(
        (found.title.as_str(), found.template_id.as_str()),
        ("Under way", "aurora")
    );
    let size = &found.sizes[0];
    assert_eq!(
        (size.preset.as_str(), size.width, size.height),
        ("podcast", 3000, 3000)
    );
    assert!((0..100).contains(&found.progress_percent), "{found:?}");
    assert_eq!(found.covers, vec![]);

    // Neither somebody else nor oneself in another workspace sees it.
    let elsewhere = Principal {
        workspace_id: WorkspaceId::new(&Clock::system()),
        ..ada.clone()
    };
    let intruder = Principal {
        workspace_id: ada.workspace_id,
        ..eve.clone()
    };
    for other in [&eve, &elsewhere, &intruder] {
        for state in [State::Unspecified, State::Open] {
            assert_eq!(listed(&world, other, state).await, vec![]);
        }
    }
    stop(&world, &ada, &task).await;
}

#[tokio::test]
async fn what_is_under_way_is_told_with_its_progress_to_its_owner_alone_on_sqlite() {
    let world = World::on_sqlite().await;
    what_is_under_way_is_told_with_its_progress_to_its_owner_alone(world).await;
}

#[tokio::test]
async fn what_is_under_way_is_told_with_its_progress_to_its_owner_alone_on_postgres() {
    let world = World::on_postgres().await;
    what_is_under_way_is_told_with_its_progress_to_its_owner_alone(world).await;
}

async fn each_state_holds_its_own_and_what_ended_is_not_under_way(world: World) {
    let ada = world.register("ada").await;
    let made = world.cover(&ada, order("Made")).await.task_id;
    let stopped = begin(&world, &ada, long("Stopped")).await;
    let ended = stop(&world, &ada, &stopped).await;
    assert_eq!(ended.status(), Status::Cancelled, "{ended:?}");
    let nothing: [String; 0] = [];
    assert_eq!(ids(&world, &ada, State::Open).await, nothing);
    assert_eq!(ids(&world, &ada, State::Failed).await, nothing);
    assert_eq!(ids(&world, &ada, State::Succeeded).await, [made.as_str()]);
    assert_eq!(
        ids(&world, &ada, State::Cancelled).await,
        [stopped.as_str()]
    );
    let all = listed(&world, &ada, State::Unspecified).await;
    let in_order: Vec<&str> = all.iter().map(|task| task.task_id.as_str()).collect();
    assert_eq!(in_order, [stopped.as_str(), made.as_str()]);
    // Each is as it is told by itself, but for the covers.
    for task in all {
        let request = GetTaskRequest {
            task_id: task.task_id.clone(),
        };
        let alone = world.covers(&ada).get_task(request).await.unwrap();
        let alone = alone.into_inner();
        assert_eq!(alone.covers.is_empty(), task.task_id != made);
        let covers = Vec::new();
        assert_eq!(task, CoverTask { covers, ..alone });
    }
}

#[tokio::test]
async fn each_state_holds_its_own_and_what_ended_is_not_under_way_on_sqlite() {
    each_state_holds_its_own_and_what_ended_is_not_under_way(World::on_sqlite().await).await;
}

#[tokio::test]
async fn each_state_holds_its_own_and_what_ended_is_not_under_way_on_postgres() {
    each_state_holds_its_own_and_what_ended_is_not_under_way(World::on_postgres().await).await;
}

#[tokio::test]
async fn what_only_an_operator_can_end_has_failed_and_is_not_under_way() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    let task = begin(&world, &ada, long("Given up")).await;
    eventually_painting(&world, &ada).await;
    // As its worker, which holds the first lease.
    let channel = world.harness.as_service("cover", Some(&ada), "task");
    let mut queue = covergen_proto::task::v1::task_service_client(channel);
    let give_up = FinishTaskRequest {
        task_id: task.clone(),
        fencing_token: 1,
        outcome: Outcome::NeedsOperator.into(),
        error: Some(TaskError {
            reason: "STUCK".to_owned(),
            message: "it could not be undone".to_owned(),
        }),
        burn_attempt: true,
    };
    queue.finish_task(give_up).await.unwrap();
    assert_eq!(listed(&world, &ada, State::Open).await, vec![]);
    let all = listed(&world, &ada, State::Unspecified).await;
    assert_eq!((all.len(), all[0].status()), (1, Status::Failed), "{all:?}");
    assert_eq!(all[0].error.as_ref().unwrap().reason, "STUCK");
    // Nor is what waits among those that failed, though it is looked at.
    let waits = begin(&world, &ada, long("Waits")).await;
    assert_eq!(ids(&world, &ada, State::Failed).await, [task.as_str()]);
    let mut request = ListTasksRequest {
        page_size: 1,
        state: State::Failed.into(),
        ..ListTasksRequest::default()
    };
    let mut found = Vec::new();
    loop {
        let page = world.tasks(&ada).list_tasks(request.clone()).await;
        let page = page.unwrap().into_inner();
        found.extend(page.tasks.into_iter().map(|task| task.task_id));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(found, [task]);
    stop(&world, &ada, &waits).await;
}

/// As a worker does that was stopped in the middle of it.
async fn confirm_late(world: &World, who: &Principal, task: TaskId) -> Result<(), tonic::Status> {
    let channel = world.harness.as_service("cover", Some(who), "user");
    let mut users = covergen_proto::user::v1::user_service_client(channel);
    let request = ConfirmReservationRequest {
        user_id: who.user_id.to_string(),
        task_id: task.to_string(),
        units: 3,
        execution: 1,
    };
    users.confirm_reservation(request).await.map(drop)
}

async fn a_cancelled_task_stays_undone_until_an_operator_runs_it_again(world: World) {
    let ada = world.register("ada").await;
    let mut request = long("After all");
    request.variants = 3;
    let task = begin(&world, &ada, request).await;
    eventually_at(&world, &ada, |stage| stage == "paint").await;
    let ended = stop(&world, &ada, &task).await;
    assert_eq!(ended.status(), Status::Cancelled, "{ended:?}");
    world.eventually_task_over(&ada, &task).await;

    // What its worker had still under way comes too late.
    let id: TaskId = task.parse().unwrap();
    let late = confirm_late(&world, &ada, id).await.unwrap_err();
    assert_eq!(late.code(), Code::FailedPrecondition, "{late:?}");
    for picture in 0..3 {
        let asset = AssetId::derived(&id.uuid(), picture);
        let late = world.put(&ada, asset, |_, _| [9, 9, 9]).await.unwrap_err();
        assert_eq!(late.code(), Code::FailedPrecondition, "{late:?}");
    }
    assert_eq!(world.quota(&ada).await, (0, 0));

    let operator = world.harness.person(Role::Admin);
    let channel = world.harness.as_user(&operator, "task");
    let mut queue = covergen_proto::task::v1::task_service_client(channel);
    let again = RetryTaskRequest {
        task_id: task.clone(),
        request_id: String::new(),
    };
    queue.retry_task(again).await.unwrap();
    world.eventually_task_over(&ada, &task).await;
    let ended = world.eventually_ended(&ada, &task).await;
    assert_eq!(ended.status(), Status::Succeeded, "{ended:?}");
    assert_eq!(ended.covers.len(), 3);
    assert_eq!(world.quota(&ada).await, (3, 0));
}

#[tokio::test]
async fn a_cancelled_task_stays_undone_until_an_operator_runs_it_again_on_sqlite() {
    let world = World::on_sqlite().await;
    a_cancelled_task_stays_undone_until_an_operator_runs_it_again(world).await;
}

#[tokio::test]
async fn a_cancelled_task_stays_undone_until_an_operator_runs_it_again_on_postgres() {
    let world = World::on_postgres().await;
    a_cancelled_task_stays_undone_until_an_operator_runs_it_again(world).await;
}

#[tokio::test]
async fn the_rows_of_a_bulk_are_told_with_the_bulk() {
    let world = World::on_sqlite().await;
    let ada = world.register_pro_plus("ada").await;
    let alone = world.cover(&ada, order("Alone")).await.task_id;
    let bulk = world.covers(&ada).bulk_generate(rows(3)).await.unwrap();
    let bulk = bulk.into_inner().bulk_id;
    let nothing: [String; 0] = [];
    assert_eq!(ids(&world, &ada, State::Open).await, nothing);
    eventually_over(&world, &ada, &bulk).await;
    assert_eq!(ids(&world, &ada, State::Unspecified).await, [alone]);
}

async fn pages_follow_each_other_and_a_token_is_good_for_its_own_state(world: World) {
    let ada = world.register("ada").await;
    let mut made = Vec::new();
    for title in ["one", "two", "three"] {
        made.insert(0, world.cover(&ada, order(title)).await.task_id);
    }
    let mut token = String::new();
    for state in [State::Unspecified, State::Succeeded] {
        let mut request = ListTasksRequest {
            page_size: 1,
            state: state.into(),
            ..ListTasksRequest::default()
        };
        let mut found = Vec::new();
        loop {
            let page = world.tasks(&ada).list_tasks(request.clone()).await;
            let page = page.unwrap().into_inner();
            assert!(page.tasks.len() <= 1, "{page:?}");
            found.extend(page.tasks.into_iter().map(|task| task.task_id));
            if page.next_page_token.is_empty() {
                break;
            }
            token.clone_from(&page.next_page_token);
            request.page_token = page.next_page_token;
        }
        assert_eq!(found, made, "{state:?}");
    }
    let other = ListTasksRequest {
        page_token: token,
        state: State::Failed.into(),
        ..ListTasksRequest::default()
    };
    let refused = world.tasks(&ada).list_tasks(other).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn pages_follow_each_other_and_a_token_is_good_for_its_own_state_on_sqlite() {
    let world = World::on_sqlite().await;
    pages_follow_each_other_and_a_token_is_good_for_its_own_state(world).await;
}

#[tokio::test]
async fn pages_follow_each_other_and_a_token_is_good_for_its_own_state_on_postgres() {
    let world = World::on_postgres().await;
    pages_follow_each_other_and_a_token_is_good_for_its_own_state(world).await;
}
