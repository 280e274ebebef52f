//! What an event causes, in the transaction of its inbox row.

use covergen_ids::{DeliveryId, NotificationId};
use covergen_store::Tx;
use serde::Serialize;
use serde_json::json;

use super::App;
use crate::domain::language::Language;
use crate::domain::text;
use crate::domain::told::Told;
use crate::error::Error;
use crate::store;
use crate::store::entity::delivery::{self, Channel, Status};
use crate::store::entity::notification::{self, Facts};
use crate::store::entity::push_subscription;
use crate::store::entity::webhook;

/// A message of the contracts as proto3 JSON.
pub(crate) fn json(data: &impl Serialize) -> Result<serde_json::Value, Error> {
    // The contracts' JSON fails for times out of range alone.
    serde_json::to_value(data).map_err(|_| Error::Crypto("the data is no JSON"))
}

impl App {
    /// Tells of something: to the person, their devices, and the workspace's
    /// webhooks. Answers whether anything is to be delivered once it is committed.
    pub(crate) async fn record(&self, tx: &Tx, told: &Told) -> Result<bool, Error> {
        if tx.is_departed(told.user).await? {
            return Ok(false);
        }
        let now_ms = tx.now_ms();
        let is_news = told.is_news_at(now_ms);
        if is_news && told.kind.is_listed() {
            store::notifications::insert(tx, notification_of(told)).await?;
        }
        let mut rows: Vec<delivery::Model> = Vec::new();
        if told.kind.is_for_webhooks() {
            let message = told.message();
            let webhooks = store::webhooks::all(tx, told.workspace).await?;
            let wanting = webhooks
                .iter()
                .filter(|webhook| webhook.wants(told.kind.name()));
            rows.extend(wanting.map(|webhook| self.to_webhook(told, &message, webhook, now_ms)));
        }
        if is_news && told.kind.is_pushed() {
            let devices = store::push_subscriptions::of(tx, told.user).await?;
            let living = devices
                .iter()
                .filter(|device| device.expires_at_ms.is_none_or(|end| end > now_ms));
            rows.extend(living.map(|device| self.to_device(told, device, now_ms)));
        }
        let is_due = rows.iter().any(|row| row.status == Status::Pending);
        store::deliveries::insert(tx, rows).await?;
        Ok(is_due)
    }

    /// Deliveries wait to be sent.
    pub(crate) fn deliveries_are_due(&self) {
        self.wake.notify_one();
    }

    /// The delivery of a message to a webhook. One that is disabled gets it
    /// when its owner asks for a replay.
    pub(super) fn to_webhook(
        &self,
        told: &Told,
        message: &str,
        webhook: &webhook::Model,
        now_ms: i64,
    ) -> delivery::Model {
        let status = if webhook.enabled {
            Status::Pending
        } else {
            Status::Skipped
        };
        delivery::Model {
            channel: Channel::Webhook,
            target_id: webhook.id.to_string(),
            body: message.to_owned(),
            status,
            expires_at_ms: now_ms + self.config.give_up_after_ms,
            ..self.blank(told, now_ms)
        }
    }

    fn to_device(
        &self,
        told: &Told,
        device: &push_subscription::Model,
        now_ms: i64,
    ) -> delivery::Model {
        let words = text::of(told.kind, &told.facts, Language::of(&device.language));
        let body = json!({
            "type": told.kind.name(),
            "title": words.title,
            "body": words.body,
            "notificationId": notification_id(told).to_string(),
            "resourceId": told.resource,
            "coverIds": told.facts.cover_ids,
            "timestamp": covergen_chassis::timestamp(told.at_ms),
        });
        delivery::Model {
            channel: Channel::Push,
            target_id: device.id.to_string(),
            body: body.to_string(),
            expires_at_ms: now_ms + self.config.push_ttl_ms,
            ..self.blank(told, now_ms)
        }
    }

    fn blank(&self, told: &Told, now_ms: i64) -> delivery::Model {
        delivery::Model {
            id: DeliveryId::new(self.store.clock()),
            workspace_id: told.workspace,
            user_id: told.user,
            channel: Channel::Webhook,
            target_id: String::new(),
            message_id: told.event.to_string(),
            event_type: told.kind.name().to_owned(),
            body: String::new(),
            status: Status::Pending,
            attempts: 0,
            available_at_ms: now_ms,
            expires_at_ms: now_ms,
            fencing_token: 0,
            lease_until_ms: None,
            last_response_status: 0,
            last_error: String::new(),
            last_attempt_at_ms: None,
            created_at_ms: told.at_ms,
            updated_at_ms: now_ms,
        }
    }
}

/// The same however often the event comes; sorts by when it happened.
fn notification_id(told: &Told) -> NotificationId {
    NotificationId::derived(&told.event.uuid(), 0)
}

fn notification_of(told: &Told) -> notification::Model {
    notification::Model {
        id: notification_id(told),
        workspace_id: told.workspace,
        user_id: told.user,
        kind: told.kind.name().to_owned(),
        resource_id: told.resource.clone(),
        facts: Facts(told.facts.clone()),
        read_at_ms: None,
        created_at_ms: told.at_ms,
    }
}
