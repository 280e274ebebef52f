use covergen_proto::cover::v1::{GetTaskRequest, PreviewRequest, Size};
use covergen_proto::user::v1::{ConsumeQuotaRequest, GetQuotaRequest};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::world::{World, order};

fn reason(status: &Status) -> String {
    status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default()
}

#[tokio::test]
async fn everything_wrong_is_listed_at_once() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    let mut request = order("\u{200b}");
    request.sizes.push(Size {
        preset: "moon".to_owned(),
        width: 0,
        height: 0,
    });
    let refused = world.covers(&ada).generate(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let found = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<&str> = found
        .iter()
        .map(|violation| violation.field.as_str())
        .collect();
    assert_eq!(fields, ["title", "sizes[1]"]);
}

#[tokio::test]
async fn a_premium_template_and_an_unknown_one_are_refused_and_cost_nothing() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    for (template, expected) in [
        ("retro", "TEMPLATE_PREMIUM"),
        ("none", "TEMPLATE_NOT_FOUND"),
    ] {
        let mut request = order("Fine");
        request.template_id = template.to_owned();
        let refused = world.covers(&ada).generate(request).await.unwrap_err();
        assert_eq!(reason(&refused), expected, "{refused:?}");
    }
    let channel = world.harness.as_user(&ada, "user");
    let mut users = covergen_proto::user::v1::user_service_client(channel);
    let quota = users
        .get_quota(GetQuotaRequest {
            user_id: "me".to_owned(),
        })
        .await
        .unwrap();
    assert_eq!(quota.into_inner().remaining, 50);
}

#[tokio::test]
async fn who_has_no_quota_left_is_told_when_it_comes_back() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    let channel = world.harness.as_user(&ada, "user");
    let mut users = covergen_proto::user::v1::user_service_client(channel);
    let all = ConsumeQuotaRequest {
        user_id: "me".to_owned(),
        units: 50,
        request_id: "all".to_owned(),
    };
    users.consume_quota(all).await.unwrap();
    let refused = world
        .covers(&ada)
        .generate(order("One more"))
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::ResourceExhausted, "QUOTA_EXHAUSTED")
    );
    let facts = refused.get_details_error_info().unwrap().metadata;
    assert_eq!(facts["upgradeTo"], "pro");
    assert!(facts["resetsAt"].ends_with("-01T00:00:00Z"), "{facts:?}");
}

#[tokio::test]
async fn somebody_elses_task_does_not_exist() {
    let world = World::on_sqlite().await;
    let (ada, eve) = (world.register("ada").await, world.register("eve").await);
    let task = world
        .covers(&ada)
        .generate(order("Mine"))
        .await
        .unwrap()
        .into_inner()
        .task_id;
    let request = GetTaskRequest {
        task_id: task.clone(),
    };
    let refused = world.covers(&eve).get_task(request).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::NotFound, "TASK_NOT_FOUND")
    );
    world.eventually_ended(&ada, &task).await;
}

#[tokio::test]
async fn a_preview_is_scaled_and_as_the_accept_header_asks() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    let request = PreviewRequest {
        title: "Preview".to_owned(),
        sizes: vec![Size {
            preset: "story".to_owned(),
            width: 0,
            height: 0,
        }],
        accept: "image/webp,*/*;q=0.5".to_owned(),
        ..PreviewRequest::default()
    };
    let image = world
        .covers(&ada)
        .preview(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(image.content_type, "image/webp");
    let found = covergen_imaging::probe(&image.data).unwrap();
    assert_eq!((found.width, found.height), (720, 1280));
}
