use covergen_ids::{UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// How far an owner's changes are counted.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cover_change_heads")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    /// The last number given out.
    pub(crate) head: i64,
    /// The last deletion that is forgotten; 0 while there is none.
    pub(crate) forgotten: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
