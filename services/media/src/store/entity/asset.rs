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
    pub(crate) kind: Kind,
    /// ThumbHash, base64; empty for assets older than this column.
    pub(crate) placeholder: String,
    pub(crate) has_alpha: bool,
    /// A [`SourceFacts`](crate::facts::SourceFacts), for uploads.
    pub(crate) source_json: Option<String>,
    /// A [`CameraFacts`](crate::facts::CameraFacts), where asked to be kept.
    pub(crate) metadata_json: Option<String>,
}

/// Where an asset comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum Kind {
    /// A person uploaded it.
    #[sea_orm(string_value = "UPLOAD")]
    Upload,
    /// A service made it.
    #[sea_orm(string_value = "GENERATED")]
    Generated,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
