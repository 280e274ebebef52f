use covergen_ids::{AssetId, CoverId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// One picture of a cover.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "images")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) cover_id: CoverId,
    /// Place in the order of sizes and formats.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) position: i32,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) asset_id: AssetId,
    pub(crate) url: String,
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) format: String,
    pub(crate) bytes: i32,
    pub(crate) preset: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
