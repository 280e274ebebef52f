use covergen_ids::{AssetId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// An id that a service has deleted, whether or not there was an asset: what
/// still comes under it comes too late.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tombstones")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) asset_id: AssetId,
    pub(crate) deleted_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
