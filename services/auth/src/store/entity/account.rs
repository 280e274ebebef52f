use covergen_ids::{UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// An account: one person's way in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: UserId,
    /// Personal workspace.
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) email: String,
    #[sea_orm(unique)]
    pub(crate) email_canonical: String,
    pub(crate) display_name: String,
    /// PHC string.
    pub(crate) password_hash: String,
    pub(crate) created_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
