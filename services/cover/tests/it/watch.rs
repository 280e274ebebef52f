use covergen_proto::cover::v1::cover_task::Status;
use covergen_proto::cover::v1::{CancelTaskRequest, WatchTaskRequest};
use covergen_proto::user::v1::GetQuotaRequest;

use crate::world::{World, order};

#[tokio::test]
async fn a_watcher_sees_progress_rise_and_the_covers_at_the_end() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    let task = world
        .covers(&ada)
        .generate(order("Watch me"))
        .await
        .unwrap()
        .into_inner()
        .task_id;
    let request = WatchTaskRequest {
        task_id: task,
        after_version: 0,
    };
    let mut stream = world
        .covers(&ada)
        .watch_task(request)
        .await
        .unwrap()
        .into_inner();
    let mut seen = Vec::new();
    while let Some(item) = stream.message().await.unwrap() {
        seen.push(item);
    }
    assert!(
        seen.is_sorted_by_key(|item| (item.progress_percent, item.version)),
        "{seen:?}"
    );
    let last = seen.last().unwrap();
    assert_eq!((last.status(), last.covers.len()), (Status::Succeeded, 1));
}

#[tokio::test]
async fn a_cancelled_task_ends_and_gives_its_quota_back() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    let mut request = order("Never mind");
    // Large enough that it is still being painted when the cancel comes.
    request.variants = 8;
    request.sizes[0].preset = "podcast".to_owned();
    let mut covers = world.covers(&ada);
    let task = covers.generate(request).await.unwrap().into_inner().task_id;
    let cancel = CancelTaskRequest {
        task_id: task.clone(),
        request_id: String::new(),
    };
    covers.cancel_task(cancel).await.unwrap();
    let ended = world.eventually_ended(&ada, &task).await;
    assert_eq!(ended.status(), Status::Cancelled, "{ended:?}");
    assert_eq!(ended.error.unwrap().reason, "CANCELLED");
    let channel = world.harness.as_user(&ada, "user");
    let mut users = covergen_proto::user::v1::user_service_client(channel);
    let quota = users
        .get_quota(GetQuotaRequest {
            user_id: "me".to_owned(),
        })
        .await
        .unwrap();
    let quota = quota.into_inner();
    assert_eq!((quota.used, quota.reserved), (0, 0));
}
