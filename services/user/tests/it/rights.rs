use covergen_proto::user::v1::{
    ConsumeQuotaRequest, GetEntitlementsRequest, GetQuotaRequest, GetUserRequest,
    UpdateUserRequest, User,
};
use tonic::Code;

use crate::world::{Engine, World, refused};

on_both_engines!(
    somebody_elses_account_does_not_exist,
    quota_is_settled_by_services_only,
);

async fn somebody_elses_account_does_not_exist(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let bob = world.somebody("bob@example.org").await;
    let mut calling = world.person(&bob);
    for user_id in [ada.user_id.to_string(), "usr_nonsense".to_owned()] {
        let get = calling
            .get_user(GetUserRequest {
                user_id: user_id.clone(),
            })
            .await;
        refused(get, Code::NotFound, "USER_NOT_FOUND");
        let quota = calling
            .get_quota(GetQuotaRequest {
                user_id: user_id.clone(),
            })
            .await;
        refused(quota, Code::NotFound, "USER_NOT_FOUND");
        let update = UpdateUserRequest {
            user_id: user_id.clone(),
            user: Some(User {
                language: "en".to_owned(),
                ..User::default()
            }),
            ..UpdateUserRequest::default()
        };
        refused(
            calling.update_user(update).await,
            Code::NotFound,
            "USER_NOT_FOUND",
        );
        let consume = ConsumeQuotaRequest {
            user_id,
            units: 1,
            request_id: String::new(),
        };
        refused(
            calling.consume_quota(consume).await,
            Code::NotFound,
            "USER_NOT_FOUND",
        );
    }
    assert_eq!(world.taken(&ada).await, (0, 0));
}

async fn quota_is_settled_by_services_only(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let request = covergen_proto::user::v1::ReserveQuotaRequest {
        user_id: ada.user_id.to_string(),
        task_id: world.task().to_string(),
        units: 1,
    };
    let by_herself = world.person(&ada).reserve_quota(request).await;
    refused(by_herself, Code::PermissionDenied, "PERMISSION_DENIED");
    let ghost = GetEntitlementsRequest {
        user_id: world.harness.creator().user_id.to_string(),
    };
    let answer = world.cover().get_entitlements(ghost).await;
    refused(answer, Code::NotFound, "USER_NOT_FOUND");
}
