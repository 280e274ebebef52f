//! Rows as callers see them.

use covergen_chassis::timestamp;
use covergen_proto::notification::v1::webhook_delivery::Status as Wire;
use covergen_proto::notification::v1::{
    Notification, PushSubscription, Webhook, WebhookDelivery, WebhookProblem,
};

use crate::domain::kind::Kind;
use crate::domain::language::Language;
use crate::domain::text;
use crate::store::entity::delivery::{self, Status};
use crate::store::entity::{notification, push_subscription, webhook};

/// A webhook without its secrets.
pub(crate) fn webhook(row: webhook::Model, now_ms: i64) -> Webhook {
    let overlap = row.previous_until_ms.filter(|until| *until > now_ms);
    Webhook {
        etag: webhook_etag(&row),
        id: row.id.to_string(),
        url: row.url,
        event_types: row.event_types.0,
        description: row.description,
        enabled: row.enabled,
        problem: row.problem.map(|reason| WebhookProblem {
            reason,
            message: row.problem_message.unwrap_or_default(),
            time: row.problem_at_ms.map(timestamp),
        }),
        failed_attempts: row.failed_attempts,
        last_success_time: row.last_success_at_ms.map(timestamp),
        previous_secret_expire_time: overlap.map(timestamp),
        create_time: Some(timestamp(row.created_at_ms)),
        update_time: Some(timestamp(row.updated_at_ms)),
    }
}

/// What changes with every change of a webhook that a person would see.
pub(crate) fn webhook_etag(row: &webhook::Model) -> String {
    format!("r{}", row.revision)
}

/// A delivery to a webhook.
pub(crate) fn delivery(row: delivery::Model) -> WebhookDelivery {
    let status = match row.status {
        Status::Pending => Wire::Pending,
        Status::Succeeded => Wire::Succeeded,
        Status::Failed => Wire::Failed,
        Status::Skipped => Wire::Skipped,
    };
    WebhookDelivery {
        id: row.id.to_string(),
        message_id: row.message_id,
        r#type: row.event_type,
        status: status.into(),
        payload: row.body,
        attempts: row.attempts,
        last_response_status: row.last_response_status,
        last_error: row.last_error,
        last_attempt_time: row.last_attempt_at_ms.map(timestamp),
        next_attempt_time: (status == Wire::Pending).then(|| timestamp(row.available_at_ms)),
        create_time: Some(timestamp(row.created_at_ms)),
    }
}

/// A device without its keys.
pub(crate) fn push_subscription(row: push_subscription::Model) -> PushSubscription {
    PushSubscription {
        id: row.id.to_string(),
        push_service: row.push_service,
        language: row.language,
        device_name: row.device_name,
        create_time: Some(timestamp(row.created_at_ms)),
        last_success_time: row.last_success_at_ms.map(timestamp),
    }
}

/// A notification in a language.
pub(crate) fn notification(row: notification::Model, language: Language) -> Notification {
    let facts = row.facts.0;
    // A kind that only a newer process knows has no words here yet.
    let words = Kind::named(&row.kind).map(|kind| text::of(kind, &facts, language));
    let (title, body) = words.map_or_else(Default::default, |words| (words.title, words.body));
    Notification {
        id: row.id.to_string(),
        r#type: row.kind,
        title,
        body,
        language: language.tag().to_owned(),
        resource_id: row.resource_id,
        cover_ids: facts.cover_ids,
        read: row.read_at_ms.is_some(),
        read_time: row.read_at_ms.map(timestamp),
        create_time: Some(timestamp(row.created_at_ms)),
    }
}
