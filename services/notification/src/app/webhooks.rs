//! Webhooks.

use covergen_identity::Principal;
use covergen_ids::WebhookId;
use covergen_proto::notification::v1::{
    CreateWebhookRequest, DeleteWebhookRequest, ListWebhooksRequest, NewWebhook,
    RotateWebhookSecretRequest, UpdateWebhookRequest, Webhook,
};
use covergen_proto::wkt::Empty;
use covergen_store::{ClaimScope, Cursor, Page, page_size};

use super::{App, matches};
use crate::api::encode;
use crate::domain::draft::{self, Wanted};
use crate::error::Error;
use crate::store;
use crate::store::entity::webhook::{self, EventTypes};

const CREATE: &str = "covergen.notification.v1.WebhookService/CreateWebhook";
const UPDATE: &str = "covergen.notification.v1.WebhookService/UpdateWebhook";
const DELETE: &str = "covergen.notification.v1.WebhookService/DeleteWebhook";
const ROTATE: &str = "covergen.notification.v1.WebhookService/RotateWebhookSecret";

impl App {
    /// The workspace's, newest first.
    pub(crate) async fn list_webhooks(
        &self,
        who: &Principal,
        request: &ListWebhooksRequest,
    ) -> Result<Page<webhook::Model>, Error> {
        let list = format!("notification.webhooks:{}", who.workspace_id);
        let size = page_size(request.page_size);
        let before = Cursor::decode::<WebhookId>(&list, &request.page_token)?;
        let db = self.store.read();
        let rows = store::webhooks::list(db, who.workspace_id, before, size + 1).await?;
        Ok(Page::cut(rows, size, &list, |row: &webhook::Model| row.id))
    }

    /// One of the workspace's.
    pub(crate) async fn get_webhook(
        &self,
        who: &Principal,
        id: &str,
    ) -> Result<webhook::Model, Error> {
        let id = id.parse().map_err(|_| Error::WebhookNotFound)?;
        store::webhooks::find(self.store.read(), who.workspace_id, id)
            .await?
            .ok_or(Error::WebhookNotFound)
    }

    /// Makes one in the caller's workspace. Only this answer holds its secret.
    pub(crate) async fn create_webhook(
        &self,
        who: &Principal,
        request: CreateWebhookRequest,
    ) -> Result<NewWebhook, Error> {
        let draft = request.webhook.clone().unwrap_or_default();
        let wanted = draft::check(draft, self.config.allow_loopback).map_err(Error::Invalid)?;
        let limit = self.config.max_webhooks;
        let scope = ClaimScope::new(who.user_id.to_string(), CREATE, &request.request_id).sealed();
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                if store::webhooks::count(&tx, who.workspace_id).await? >= u64::from(limit) {
                    return Err(Error::TooMany {
                        what: "webhooks",
                        limit,
                        remedy: "delete one that you no longer use",
                    });
                }
                let id = WebhookId::new(self.store.clock());
                let (secret, sealed) = self.make_secret(id)?;
                let now_ms = tx.now_ms();
                let row = webhook::Model {
                    id,
                    workspace_id: who.workspace_id,
                    owner_id: who.user_id,
                    url: wanted.url,
                    event_types: EventTypes(wanted.event_types),
                    description: wanted.description,
                    enabled: wanted.enabled,
                    problem: None,
                    problem_message: None,
                    problem_at_ms: None,
                    secret: sealed,
                    previous_secret: None,
                    previous_until_ms: None,
                    failed_attempts: 0,
                    failing_since_ms: None,
                    last_success_at_ms: None,
                    revision: 1,
                    created_at_ms: now_ms,
                    updated_at_ms: now_ms,
                };
                store::webhooks::insert(&tx, row.clone()).await?;
                let made = NewWebhook {
                    webhook: Some(encode::webhook(row, now_ms)),
                    secret,
                };
                Ok(tx.commit_with(claim, made).await?)
            })
            .await
    }

    /// Changes what the mask names, or what is present.
    pub(crate) async fn update_webhook(
        &self,
        who: &Principal,
        request: UpdateWebhookRequest,
    ) -> Result<Webhook, Error> {
        let current = self.get_webhook(who, &request.webhook_id).await?;
        let new = request.webhook.clone().unwrap_or_default();
        let mask = request.update_mask.as_ref();
        let allow_loopback = self.config.allow_loopback;
        let wanted = draft::merged(as_wanted(&current), new, mask, allow_loopback)
            .map_err(Error::Invalid)?;
        let scope = ClaimScope::new(who.user_id.to_string(), UPDATE, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                if !matches(&request.etag, &encode::webhook_etag(&current)) {
                    return Err(Error::EtagMismatch);
                }
                let tx = self.store.begin().await?;
                let begins_anew = (wanted.enabled && !current.enabled) || wanted.url != current.url;
                let mut row = webhook::Model {
                    url: wanted.url,
                    event_types: EventTypes(wanted.event_types),
                    description: wanted.description,
                    enabled: wanted.enabled,
                    revision: current.revision + 1,
                    updated_at_ms: tx.now_ms(),
                    ..current
                };
                if begins_anew {
                    row.failed_attempts = 0;
                }
                if row.enabled {
                    row.problem = None;
                    row.problem_message = None;
                    row.problem_at_ms = None;
                }
                if !store::webhooks::save(&tx, &row, begins_anew).await? {
                    return Err(Error::Changed);
                }
                if !row.enabled {
                    let target = row.id.to_string();
                    store::deliveries::skip_pending(&tx, row.workspace_id, &target).await?;
                }
                let now_ms = tx.now_ms();
                Ok(tx.commit_with(claim, encode::webhook(row, now_ms)).await?)
            })
            .await
    }

    /// Deletes one of the workspace's, with its deliveries.
    pub(crate) async fn delete_webhook(
        &self,
        who: &Principal,
        request: DeleteWebhookRequest,
    ) -> Result<Empty, Error> {
        let scope = ClaimScope::new(who.user_id.to_string(), DELETE, &request.request_id);
        let id = request.webhook_id.clone();
        self.store
            .idempotent(&scope, &request, |claim| async {
                let row = self.get_webhook(who, &id).await?;
                if !matches(&request.etag, &encode::webhook_etag(&row)) {
                    return Err(Error::EtagMismatch);
                }
                let tx = self.store.begin().await?;
                let workspace = who.workspace_id;
                if !store::webhooks::delete(&tx, workspace, row.id, row.revision).await? {
                    return Err(Error::Changed);
                }
                store::deliveries::delete_of(&tx, workspace, &row.id.to_string()).await?;
                Ok(tx.commit_with(claim, Empty {}).await?)
            })
            .await
    }

    /// Gives one a new secret; the one before signs, too, for a while.
    pub(crate) async fn rotate_webhook_secret(
        &self,
        who: &Principal,
        request: RotateWebhookSecretRequest,
    ) -> Result<NewWebhook, Error> {
        let scope = ClaimScope::new(who.user_id.to_string(), ROTATE, &request.request_id).sealed();
        let id = request.webhook_id.clone();
        self.store
            .idempotent(&scope, &request, |claim| async {
                let current = self.get_webhook(who, &id).await?;
                let (secret, sealed) = self.make_secret(current.id)?;
                let tx = self.store.begin().await?;
                let now_ms = tx.now_ms();
                let row = webhook::Model {
                    secret: sealed,
                    previous_secret: Some(current.secret),
                    previous_until_ms: Some(now_ms + self.config.secret_overlap_ms),
                    revision: current.revision + 1,
                    updated_at_ms: now_ms,
                    ..current
                };
                if !store::webhooks::save(&tx, &row, false).await? {
                    return Err(Error::Changed);
                }
                let made = NewWebhook {
                    webhook: Some(encode::webhook(row, now_ms)),
                    secret,
                };
                Ok(tx.commit_with(claim, made).await?)
            })
            .await
    }
}

fn as_wanted(row: &webhook::Model) -> Wanted {
    Wanted {
        url: row.url.clone(),
        event_types: row.event_types.0.clone(),
        description: row.description.clone(),
        enabled: row.enabled,
    }
}
