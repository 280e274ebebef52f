use covergen_ids::{AssetId, CoverId, ExportId};
use sea_orm::entity::prelude::*;

use super::export::Status;

/// One file of an archive.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export_files")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) export_id: ExportId,
    /// Place in the archive, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) position: i32,
    pub(crate) cover_id: CoverId,
    /// Name in the archive.
    pub(crate) name: String,
    /// Empty for a size of its own.
    pub(crate) preset: String,
    pub(crate) width: i32,
    pub(crate) height: i32,
    /// `png`, `jpeg` or `webp`.
    pub(crate) format: String,
    pub(crate) quality: i32,
    pub(crate) max_bytes: Option<i32>,
    /// Empty, `LOSSLESS` or `SMALL`.
    pub(crate) compression: String,
    /// PENDING, SUCCEEDED or FAILED.
    pub(crate) status: Status,
    pub(crate) asset_id: Option<AssetId>,
    pub(crate) bytes: Option<i32>,
    /// Checksum of the content, 32 bits.
    pub(crate) crc32: Option<i64>,
    pub(crate) error_reason: Option<String>,
    pub(crate) error_message: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
