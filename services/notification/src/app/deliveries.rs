//! What is sent to a webhook: lists, tests, replays.

use covergen_identity::Principal;
use covergen_ids::{DeliveryId, EventId};
use covergen_proto::notification::v1::webhook_delivery::Status as WireStatus;
use covergen_proto::notification::v1::{
    ListWebhookDeliveriesRequest, ReplayWebhookDeliveriesRequest, ReplayWebhookDeliveriesResponse,
    ReplayWebhookDeliveryRequest, TestWebhookRequest, WebhookDelivery, WebhookTestData,
};
use covergen_store::{ClaimScope, Cursor, Page, page_size};

use super::App;
use crate::api::encode;
use crate::domain::kind::Kind;
use crate::domain::told::{Facts, Told};
use crate::error::Error;
use crate::store;
use crate::store::entity::delivery::{self, Status};
use crate::store::entity::webhook;

const TEST: &str = "covergen.notification.v1.WebhookService/TestWebhook";
const REPLAY_ONE: &str = "covergen.notification.v1.WebhookService/ReplayWebhookDelivery";
const REPLAY_ALL: &str = "covergen.notification.v1.WebhookService/ReplayWebhookDeliveries";

impl App {
    /// A webhook's, newest first.
    pub(crate) async fn list_webhook_deliveries(
        &self,
        who: &Principal,
        request: &ListWebhookDeliveriesRequest,
    ) -> Result<Page<delivery::Model>, Error> {
        let target = self.get_webhook(who, &request.webhook_id).await?.id;
        let list = format!("notification.deliveries:{target}:{}", request.status);
        let size = page_size(request.page_size);
        let before = Cursor::decode::<DeliveryId>(&list, &request.page_token)?;
        let status = match request.status() {
            WireStatus::Unspecified => None,
            WireStatus::Pending => Some(Status::Pending),
            WireStatus::Succeeded => Some(Status::Succeeded),
            WireStatus::Failed => Some(Status::Failed),
            WireStatus::Skipped => Some(Status::Skipped),
        };
        let (db, workspace) = (self.store.read(), who.workspace_id);
        let target = target.to_string();
        let rows =
            store::deliveries::list(db, workspace, &target, status, before, size + 1).await?;
        Ok(Page::cut(rows, size, &list, |row: &delivery::Model| row.id))
    }

    /// Sends a message that says nothing but that it is one.
    pub(crate) async fn test_webhook(
        &self,
        who: &Principal,
        request: TestWebhookRequest,
    ) -> Result<WebhookDelivery, Error> {
        let scope = ClaimScope::new(who.user_id.to_string(), TEST, &request.request_id);
        let id = request.webhook_id.clone();
        let sent: Result<WebhookDelivery, Error> = self
            .store
            .idempotent(&scope, &request, |claim| async {
                let webhook = self.enabled_webhook(who, &id).await?;
                let tx = self.store.begin().await?;
                let data = WebhookTestData {
                    webhook_id: webhook.id.to_string(),
                    request_time: Some(covergen_chassis::timestamp(tx.now_ms())),
                };
                let told = Told {
                    event: EventId::new(self.store.clock()),
                    kind: Kind::WebhookTest,
                    workspace: who.workspace_id,
                    user: who.user_id,
                    resource: webhook.id.to_string(),
                    sequence: 1,
                    at_ms: tx.now_ms(),
                    data: super::record::json(&data)?,
                    facts: Facts::default(),
                    is_news: false,
                };
                let row = self.to_webhook(&told, &told.message(), &webhook, tx.now_ms());
                store::deliveries::insert(&tx, vec![row.clone()]).await?;
                Ok(tx.commit_with(claim, encode::delivery(row)).await?)
            })
            .await;
        self.wake.notify_one();
        sent
    }

    /// Sends one again.
    pub(crate) async fn replay_webhook_delivery(
        &self,
        who: &Principal,
        request: ReplayWebhookDeliveryRequest,
    ) -> Result<WebhookDelivery, Error> {
        let scope = ClaimScope::new(who.user_id.to_string(), REPLAY_ONE, &request.request_id);
        let id = request.webhook_id.clone();
        let delivery = request.delivery_id.parse();
        let sent: Result<WebhookDelivery, Error> = self
            .store
            .idempotent(&scope, &request, |claim| async {
                let webhook = self.enabled_webhook(who, &id).await?;
                let delivery = delivery.map_err(|_| Error::DeliveryNotFound)?;
                let (workspace, target) = (who.workspace_id, webhook.id.to_string());
                let tx = self.store.begin().await?;
                let found = store::deliveries::find(&tx, workspace, &target, delivery).await?;
                let found = found.ok_or(Error::DeliveryNotFound)?;
                let expires_at_ms = tx.now_ms() + self.config.give_up_after_ms;
                store::deliveries::replay(&tx, &found, expires_at_ms).await?;
                let now = store::deliveries::find(&tx, workspace, &target, delivery).await?;
                let now = now.ok_or(Error::DeliveryNotFound)?;
                Ok(tx.commit_with(claim, encode::delivery(now)).await?)
            })
            .await;
        self.wake.notify_one();
        sent
    }

    /// Sends again what happened since a time.
    pub(crate) async fn replay_webhook_deliveries(
        &self,
        who: &Principal,
        request: ReplayWebhookDeliveriesRequest,
    ) -> Result<ReplayWebhookDeliveriesResponse, Error> {
        let since = request.since.as_ref().map_or(0, |at| {
            at.seconds
                .saturating_mul(1000)
                .saturating_add(i64::from(at.nanos) / 1_000_000)
        });
        let mut statuses = vec![Status::Failed, Status::Skipped];
        if request.include_succeeded {
            statuses.push(Status::Succeeded);
        }
        let scope = ClaimScope::new(who.user_id.to_string(), REPLAY_ALL, &request.request_id);
        let id = request.webhook_id.clone();
        let replayed: Result<ReplayWebhookDeliveriesResponse, Error> = self
            .store
            .idempotent(&scope, &request, |claim| async {
                let webhook = self.enabled_webhook(who, &id).await?;
                let target = webhook.id.to_string();
                let tx = self.store.begin().await?;
                let until = tx.now_ms() + self.config.give_up_after_ms;
                let workspace = who.workspace_id;
                let count = store::deliveries::replay_since(
                    &tx, workspace, &target, since, &statuses, until,
                )
                .await?;
                let replayed = ReplayWebhookDeliveriesResponse {
                    replayed_count: i32::try_from(count).unwrap_or(i32::MAX),
                };
                Ok(tx.commit_with(claim, replayed).await?)
            })
            .await;
        self.wake.notify_one();
        replayed
    }

    async fn enabled_webhook(&self, who: &Principal, id: &str) -> Result<webhook::Model, Error> {
        let webhook = self.get_webhook(who, id).await?;
        if webhook.enabled {
            Ok(webhook)
        } else {
            Err(Error::WebhookDisabled)
        }
    }
}
