use covergen_chassis::{principal, reply};
use covergen_proto::notification::v1::push_service_server::PushService;
use covergen_proto::notification::v1::{
    CreatePushSubscriptionRequest, DeletePushSubscriptionRequest, GetPushKeyRequest,
    ListPushSubscriptionsRequest, ListPushSubscriptionsResponse, PushKey, PushSubscription,
};
use covergen_proto::wkt::Empty;
use tonic::{Request, Response};

use super::{Answer, Api, encode};

#[tonic::async_trait]
impl PushService for Api {
    async fn get_push_key(&self, _: Request<GetPushKeyRequest>) -> Answer<PushKey> {
        Ok(Response::new(PushKey {
            public_key: self.0.vapid.public_key().to_owned(),
        }))
    }

    async fn create_push_subscription(
        &self,
        request: Request<CreatePushSubscriptionRequest>,
    ) -> Answer<PushSubscription> {
        let caller = principal()?;
        let made = self
            .0
            .create_push_subscription(&caller, request.into_inner())
            .await;
        Ok(Response::new(made.map_err(reply)?))
    }

    async fn list_push_subscriptions(
        &self,
        _: Request<ListPushSubscriptionsRequest>,
    ) -> Answer<ListPushSubscriptionsResponse> {
        let caller = principal()?;
        let rows = self.0.list_push_subscriptions(&caller).await;
        let rows = rows.map_err(reply)?.into_iter();
        Ok(Response::new(ListPushSubscriptionsResponse {
            push_subscriptions: rows.map(encode::push_subscription).collect(),
        }))
    }

    async fn delete_push_subscription(
        &self,
        request: Request<DeletePushSubscriptionRequest>,
    ) -> Answer<Empty> {
        let caller = principal()?;
        let id = request.into_inner().push_subscription_id;
        let deleted = self.0.delete_push_subscription(&caller, &id).await;
        deleted.map_err(reply)?;
        Ok(Response::new(Empty {}))
    }
}
