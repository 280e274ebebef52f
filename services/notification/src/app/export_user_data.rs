//! A person's copy of what is kept of them.

use std::sync::Arc;

use covergen_ids::UserId;
use covergen_proto::privacy::v1::UserDataChunk;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};

use super::App;
use crate::error::Error;
use crate::store::entity::{delivery, notification, push_subscription, webhook};
use crate::store::{personal, push_subscriptions};

/// Rows of one message: with a few KiB each, below 1 MiB.
const ROWS: u64 = 64;

/// The pieces of the files.
pub(crate) type Pieces = BoxStream<'static, Result<UserDataChunk, Error>>;

/// A page of a file's rows, and where the next page begins.
type PageOf<K> = Result<(Vec<Value>, Option<K>), Error>;

impl App {
    /// Four files: notifications, devices, webhooks, and what was sent.
    pub(crate) fn export_user_data(self: &Arc<Self>, user: UserId) -> Pieces {
        macro_rules! file {
            ($path:literal, $rows:path, $json:path) => {{
                let app = Arc::clone(self);
                array($path, move |after| {
                    let app = Arc::clone(&app);
                    async move {
                        let rows = $rows(app.store.read(), user, after, ROWS).await?;
                        let next = rows.last().map(|row| row.id);
                        Ok((rows.iter().map($json).collect(), next))
                    }
                })
            }};
        }
        let app = Arc::clone(self);
        let devices = array("push_subscriptions.json", move |after: Option<()>| {
            let app = Arc::clone(&app);
            async move {
                // All of them are one page.
                if after.is_some() {
                    return Ok((Vec::new(), None));
                }
                let rows = push_subscriptions::of(app.store.read(), user).await?;
                Ok((rows.iter().map(device_json).collect(), None))
            }
        });
        let listed = file!(
            "notifications.json",
            personal::notifications,
            notification_json
        );
        let webhooks = file!("webhooks.json", personal::webhooks, webhook_json);
        let sent = file!("deliveries.json", personal::deliveries, delivery_json);
        listed.chain(devices).chain(webhooks).chain(sent).boxed()
    }
}

/// A file that is a JSON array, page by page, so that memory holds one page.
fn array<K, F, Fut>(path: &'static str, page: F) -> Pieces
where
    K: Send + 'static,
    F: Fn(Option<K>) -> Fut + Send + 'static,
    Fut: Future<Output = PageOf<K>> + Send,
{
    enum At<K> {
        First,
        After(K),
        Done,
    }
    stream::try_unfold((page, At::First), move |(page, at)| async move {
        let (is_first, after) = match at {
            At::First => (true, None),
            At::After(key) => (false, Some(key)),
            At::Done => return Ok(None),
        };
        let (rows, next) = page(after).await?;
        let mut text = String::from(if is_first { "[" } else { "" });
        for (index, row) in rows.iter().enumerate() {
            if !is_first || index > 0 {
                text.push(',');
            }
            text.push_str(&row.to_string());
        }
        let next = match next {
            Some(key) => At::After(key),
            None => {
                text.push(']');
                At::Done
            }
        };
        let piece = UserDataChunk {
            path: path.to_owned(),
            data: text.into(),
        };
        Ok(Some((piece, (page, next))))
    })
    .into_stream()
    .boxed()
}

fn notification_json(row: &notification::Model) -> Value {
    json!({
        "id": row.id, "workspaceId": row.workspace_id, "type": row.kind,
        "resourceId": row.resource_id, "facts": row.facts, "readTimeMs": row.read_at_ms,
        "createTimeMs": row.created_at_ms,
    })
}

/// Without what only the device and we know.
fn device_json(row: &push_subscription::Model) -> Value {
    json!({
        "id": row.id, "workspaceId": row.workspace_id, "pushService": row.push_service,
        "language": row.language, "deviceName": row.device_name,
        "createTimeMs": row.created_at_ms, "lastSuccessTimeMs": row.last_success_at_ms,
    })
}

/// Without its secrets.
fn webhook_json(row: &webhook::Model) -> Value {
    json!({
        "id": row.id, "workspaceId": row.workspace_id, "url": row.url,
        "eventTypes": row.event_types, "description": row.description, "enabled": row.enabled,
        "problem": row.problem, "createTimeMs": row.created_at_ms,
        "updateTimeMs": row.updated_at_ms,
    })
}

fn delivery_json(row: &delivery::Model) -> Value {
    json!({
        "id": row.id, "workspaceId": row.workspace_id, "channel": row.channel.name(),
        "targetId": row.target_id, "messageId": row.message_id, "type": row.event_type,
        "payload": row.body, "status": row.status.name(), "attempts": row.attempts,
        "createTimeMs": row.created_at_ms,
    })
}
