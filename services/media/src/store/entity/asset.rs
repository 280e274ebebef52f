use covergen_ids::{AssetId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// An asset: an image somebody stored.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assets")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: AssetId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    pub(crate) content_type: String,
    pub(crate) file_name: String,
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) bytes: i32,
    /// Hex.
    pub(crate) sha256: String,
    /// Where its content is; assets with the same content share it.
    pub(crate) object_key: String,
    /// `#rrggbb`.
    pub(crate) dominant_color: String,
    pub(crate) created_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
