use covergen_identity::{Principal, Role};
use covergen_proto::notification::v1::{GetPushKeyRequest, ListWebhooksRequest};
use tonic::Code;

use crate::world::{creating, on_both};

#[tokio::test]
async fn a_key_needs_the_scope_and_its_owner_the_role() {
    on_both(async |world| {
        let key = |scope: &str| Principal {
            scopes: Some(vec![scope.to_owned()]),
            ..world.harness.person(Role::Partner)
        };
        let list = async |who: &Principal| {
            let request = ListWebhooksRequest::default();
            world.webhooks(who).list_webhooks(request).await
        };
        let create = async |who: &Principal| {
            let request = creating("http://127.0.0.1:9/", &[]);
            world.webhooks(who).create_webhook(request).await
        };
        list(&key("webhooks:read")).await.unwrap();
        create(&key("webhooks:write")).await.unwrap();
        let consumer = world.harness.person(Role::Consumer);
        for refused in [
            list(&key("covers:read")).await.map(drop),
            create(&key("webhooks:read")).await.map(drop),
            list(&consumer).await.map(drop),
            create(&consumer).await.map(drop),
        ] {
            assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
        }
        let nobody = world.harness.as_anonymous("notification");
        let mut push = covergen_proto::notification::v1::push_service_client(nobody);
        let key = push.get_push_key(GetPushKeyRequest {}).await.unwrap();
        assert_eq!(key.into_inner().public_key.len(), 87);
        world.harness.stop().await;
    })
    .await;
}
