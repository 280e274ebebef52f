use covergen_ids::WorkspaceId;
use sea_orm::entity::prelude::*;

/// Somebody who left, by a hash of their id: enough to keep nothing that an
/// event tells of them afterwards.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "departed")]
pub(crate) struct Model {
    /// Hex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_sha256: String,
    /// The system's: the person's own is gone.
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) departed_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
