use covergen_chassis::{principal, reply};
use covergen_proto::notification::v1::webhook_service_server::WebhookService;
use covergen_proto::notification::v1::{
    CreateWebhookRequest, DeleteWebhookRequest, GetWebhookRequest, ListWebhookDeliveriesRequest,
    ListWebhookDeliveriesResponse, ListWebhooksRequest, ListWebhooksResponse, NewWebhook,
    ReplayWebhookDeliveriesRequest, ReplayWebhookDeliveriesResponse, ReplayWebhookDeliveryRequest,
    RotateWebhookSecretRequest, TestWebhookRequest, UpdateWebhookRequest, Webhook, WebhookDelivery,
};
use covergen_proto::wkt::Empty;
use tonic::{Request, Response};

use super::{Answer, Api, encode};

/// Calls the function of the same name with the caller and the request.
macro_rules! answer {
    ($api:ident.$function:ident($request:ident)) => {{
        let caller = principal()?;
        let answer = $api.0.$function(&caller, $request.into_inner()).await;
        Ok(Response::new(answer.map_err(reply)?))
    }};
}

#[tonic::async_trait]
impl WebhookService for Api {
    async fn list_webhooks(
        &self,
        request: Request<ListWebhooksRequest>,
    ) -> Answer<ListWebhooksResponse> {
        let caller = principal()?;
        let page = self.0.list_webhooks(&caller, request.get_ref()).await;
        let now_ms = self.0.store.clock().now_ms();
        let page = page.map_err(reply)?.map(|row| encode::webhook(row, now_ms));
        Ok(Response::new(ListWebhooksResponse {
            webhooks: page.items,
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_webhook(&self, request: Request<GetWebhookRequest>) -> Answer<Webhook> {
        let caller = principal()?;
        let id = request.into_inner().webhook_id;
        let row = self.0.get_webhook(&caller, &id).await.map_err(reply)?;
        let now_ms = self.0.store.clock().now_ms();
        Ok(Response::new(encode::webhook(row, now_ms)))
    }

    async fn create_webhook(&self, request: Request<CreateWebhookRequest>) -> Answer<NewWebhook> {
        answer!(self.create_webhook(request))
    }

    async fn update_webhook(&self, request: Request<UpdateWebhookRequest>) -> Answer<Webhook> {
        answer!(self.update_webhook(request))
    }

    async fn delete_webhook(&self, request: Request<DeleteWebhookRequest>) -> Answer<Empty> {
        answer!(self.delete_webhook(request))
    }

    async fn rotate_webhook_secret(
        &self,
        request: Request<RotateWebhookSecretRequest>,
    ) -> Answer<NewWebhook> {
        answer!(self.rotate_webhook_secret(request))
    }

    async fn test_webhook(&self, request: Request<TestWebhookRequest>) -> Answer<WebhookDelivery> {
        answer!(self.test_webhook(request))
    }

    async fn list_webhook_deliveries(
        &self,
        request: Request<ListWebhookDeliveriesRequest>,
    ) -> Answer<ListWebhookDeliveriesResponse> {
        let caller = principal()?;
        let page = self
            .0
            .list_webhook_deliveries(&caller, request.get_ref())
            .await;
        let page = page.map_err(reply)?.map(encode::delivery);
        Ok(Response::new(ListWebhookDeliveriesResponse {
            deliveries: page.items,
            next_page_token: page.next_page_token,
        }))
    }

    async fn replay_webhook_delivery(
        &self,
        request: Request<ReplayWebhookDeliveryRequest>,
    ) -> Answer<WebhookDelivery> {
        answer!(self.replay_webhook_delivery(request))
    }

    async fn replay_webhook_deliveries(
        &self,
        request: Request<ReplayWebhookDeliveriesRequest>,
    ) -> Answer<ReplayWebhookDeliveriesResponse> {
        answer!(self.replay_webhook_deliveries(request))
    }
}
