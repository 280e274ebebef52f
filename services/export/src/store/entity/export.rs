use covergen_ids::{AssetId, CoverId, ExportId, TaskId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// An export: a file or an archive asked for, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exports")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: ExportId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    /// Of an archive, that of its first file.
    pub(crate) cover_id: CoverId,
    pub(crate) task_id: TaskId,
    /// Empty for a size of its own.
    pub(crate) preset: String,
    pub(crate) width: i32,
    pub(crate) height: i32,
    /// `png`, `jpeg` or `webp`; `zip` for an archive.
    pub(crate) format: String,
    pub(crate) quality: i32,
    pub(crate) max_bytes: Option<i32>,
    pub(crate) watermark: bool,
    /// The cover's design as it was when the export was asked for; empty for
    /// an archive, whose files have theirs.
    #[sea_orm(column_type = "Text")]
    pub(crate) document: String,
    pub(crate) status: Status,
    /// Lease of the worker that last wrote here; an older one is refused.
    pub(crate) fencing_token: i64,
    pub(crate) asset_id: Option<AssetId>,
    pub(crate) bytes: Option<i32>,
    pub(crate) error_reason: Option<String>,
    pub(crate) error_message: Option<String>,
    pub(crate) created_at_ms: i64,
    pub(crate) updated_at_ms: i64,
    pub(crate) kind: Kind,
    /// Name it is downloaded under.
    pub(crate) file_name: String,
    /// Empty, `LOSSLESS` or `SMALL`.
    pub(crate) compression: String,
    /// Names and assets of the design's pictures, as JSON.
    #[sea_orm(column_type = "Text")]
    pub(crate) pictures: String,
    /// Length of the download.
    pub(crate) total_bytes: Option<i64>,
    /// Quality that was used, where the format has one.
    pub(crate) used_quality: Option<i32>,
}

/// One file, or many in an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum Kind {
    #[sea_orm(string_value = "FILE")]
    File,
    #[sea_orm(string_value = "ARCHIVE")]
    Archive,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::File => "FILE",
            Self::Archive => "ARCHIVE",
        }
    }
}

/// Where an export stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum Status {
    #[sea_orm(string_value = "PENDING")]
    Pending,
    #[sea_orm(string_value = "RUNNING")]
    Running,
    #[sea_orm(string_value = "SUCCEEDED")]
    Succeeded,
    #[sea_orm(string_value = "FAILED")]
    Failed,
    #[sea_orm(string_value = "CANCELLED")]
    Cancelled,
}

impl Status {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
