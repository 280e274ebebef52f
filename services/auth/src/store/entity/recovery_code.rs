use covergen_ids::{UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A recovery code, by its hash.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_codes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) hash: Vec<u8>,
    pub(crate) user_id: UserId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) created_at_ms: i64,
    pub(crate) used_at_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
