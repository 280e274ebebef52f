use covergen_ids::{UserId, WebhookId, WorkspaceId};
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// An address that is told of a workspace's events.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhooks")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: WebhookId,
    pub(crate) workspace_id: WorkspaceId,
    /// Who made it.
    pub(crate) owner_id: UserId,
    pub(crate) url: String,
    /// Types of events wanted; empty means all.
    pub(crate) event_types: EventTypes,
    pub(crate) description: String,
    pub(crate) enabled: bool,
    /// Why it was disabled, when nobody asked for that: `FAILING` or `GONE`.
    pub(crate) problem: Option<String>,
    /// The same in words.
    pub(crate) problem_message: Option<String>,
    pub(crate) problem_at_ms: Option<i64>,
    /// Sealed.
    pub(crate) secret: Vec<u8>,
    /// The one before, sealed.
    pub(crate) previous_secret: Option<Vec<u8>>,
    /// Until when that one signs, too.
    pub(crate) previous_until_ms: Option<i64>,
    /// Attempts that failed since the last one that did not.
    pub(crate) failed_attempts: i32,
    /// When the first of them did.
    pub(crate) failing_since_ms: Option<i64>,
    pub(crate) last_success_at_ms: Option<i64>,
    /// 1, 2, 3 … with every change that a person would see.
    pub(crate) revision: i32,
    pub(crate) created_at_ms: i64,
    pub(crate) updated_at_ms: i64,
}

/// Types of events, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub(crate) struct EventTypes(pub(crate) Vec<String>);

impl Model {
    /// Whether it wants to be told of a type of event.
    pub(crate) fn wants(&self, event_type: &str) -> bool {
        let wanted = &self.event_types.0;
        wanted.is_empty() || wanted.iter().any(|wanted| wanted == event_type)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
