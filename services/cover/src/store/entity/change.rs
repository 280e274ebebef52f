use covergen_ids::{CoverId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// The last change of a cover: one row for each cover there is or was.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cover_changes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) cover_id: CoverId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    /// Where it stands among the owner's changes.
    pub(crate) sequence: i64,
    /// The cover is gone.
    pub(crate) deleted: bool,
    pub(crate) changed_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
