use covergen_ids::{AssetId, UploadId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A file on its way in, part by part, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "uploads")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: UploadId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    pub(crate) state: State,
    pub(crate) kind: Kind,
    /// Length of the whole.
    pub(crate) total_bytes: i64,
    /// Bytes that are durable: the parts in state STORED, without a gap.
    pub(crate) stored_bytes: i64,
    /// How many parts those are.
    pub(crate) parts: i32,
    /// As it was told.
    #[sea_orm(column_type = "Text")]
    pub(crate) metadata: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) file_name: String,
    pub(crate) keep_metadata: bool,
    pub(crate) keep_location: bool,
    /// Who sends: whoever came last at the right offset. Another's bytes are
    /// not taken any more.
    pub(crate) writer: String,
    pub(crate) asset_id: Option<AssetId>,
    pub(crate) error_reason: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) error_message: Option<String>,
    pub(crate) created_at_ms: i64,
    pub(crate) expires_at_ms: i64,
    /// Files in an archive, once they were counted.
    pub(crate) entries: Option<i32>,
    pub(crate) entries_done: i32,
    pub(crate) entries_failed: i32,
    /// How often the work on an archive was handed on. A command of a round
    /// before has nothing to do.
    pub(crate) round: i32,
}

/// What an upload becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum Kind {
    /// One asset.
    #[sea_orm(string_value = "PICTURE")]
    Picture,
    /// An asset for each picture in it.
    #[sea_orm(string_value = "ARCHIVE")]
    Archive,
}

/// How far an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum State {
    /// Bytes are still to come.
    #[sea_orm(string_value = "RECEIVING")]
    Receiving,
    /// All bytes are there, and are being looked at.
    #[sea_orm(string_value = "PROCESSING")]
    Processing,
    /// It became an asset.
    #[sea_orm(string_value = "SUCCEEDED")]
    Succeeded,
    /// No asset can be made of it.
    #[sea_orm(string_value = "FAILED")]
    Failed,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
