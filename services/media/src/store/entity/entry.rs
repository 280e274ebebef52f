use covergen_ids::{AssetId, UploadId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A file in an archive that was looked at, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "upload_entries")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) upload_id: UploadId,
    /// Place in the archive's directory among the files.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) position: i32,
    pub(crate) workspace_id: WorkspaceId,
    #[sea_orm(column_type = "Text")]
    pub(crate) name: String,
    pub(crate) asset_id: Option<AssetId>,
    pub(crate) error_reason: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) error_message: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
