use covergen_ids::{SessionId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A signed-in device: the family of its refresh tokens.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: SessionId,
    pub(crate) user_id: UserId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) created_at_ms: i64,
    pub(crate) last_seen_ms: i64,
    pub(crate) idle_until_ms: i64,
    pub(crate) expires_at_ms: i64,
    pub(crate) ended_at_ms: Option<i64>,
    pub(crate) end_reason: Option<String>,
    pub(crate) ip_address: String,
    pub(crate) user_agent: String,
    /// How it was signed in to: `password`, `passkey` or `oauth`.
    pub(crate) method: String,
    /// When its owner last proved to be there; 0 means when it began.
    pub(crate) authenticated_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
