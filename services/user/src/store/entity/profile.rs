use covergen_ids::{UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A profile.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "profiles")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    /// Personal workspace.
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) username: Option<String>,
    pub(crate) display_name: String,
    pub(crate) email: String,
    pub(crate) avatar_url: String,
    pub(crate) language: String,
    pub(crate) time_zone: String,
    /// Tier id, such as `free`.
    pub(crate) tier: String,
    pub(crate) created_at_ms: i64,
    pub(crate) updated_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
