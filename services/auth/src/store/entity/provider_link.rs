use covergen_ids::{UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// An account as a provider knows it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provider_links")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) provider: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) subject: String,
    pub(crate) user_id: UserId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) email: String,
    pub(crate) created_at_ms: i64,
    pub(crate) last_used_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
