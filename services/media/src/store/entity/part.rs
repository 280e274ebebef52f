use covergen_ids::{UploadId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A part of an upload in the object store. The row is there before the object
/// and goes after it, and it outlives its upload until the object is gone.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "upload_parts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) object_key: String,
    pub(crate) upload_id: UploadId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) state: State,
    /// Its place in the whole.
    pub(crate) begin_bytes: i64,
    pub(crate) bytes: i32,
    /// By the clock that judges leases.
    pub(crate) touched_at_ms: i64,
}

/// Whether a part counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum State {
    /// About to be stored, or waiting for the checksum of what it belongs to.
    #[sea_orm(string_value = "PENDING")]
    Pending,
    /// Not counted, and about to be removed: it never counts any more.
    #[sea_orm(string_value = "REMOVING")]
    Removing,
    /// Stored, and counted in its upload.
    #[sea_orm(string_value = "STORED")]
    Stored,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
