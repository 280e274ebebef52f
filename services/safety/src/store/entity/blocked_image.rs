use covergen_ids::{BlockedImageId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A picture that must not be used: its hash, not the picture.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "blocked_images")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: BlockedImageId,
    pub(crate) workspace_id: WorkspaceId,
    /// 64 hex digits.
    pub(crate) pdq: String,
    pub(crate) quality: i32,
    pub(crate) category: String,
    pub(crate) description: String,
    pub(crate) region: String,
    pub(crate) score: f64,
    pub(crate) is_law: bool,
    pub(crate) ground_reference: String,
    /// Who blocked it; none once they have left.
    pub(crate) author_id: Option<UserId>,
    pub(crate) created_at_ms: i64,
    /// Since when it is allowed again. The row stays: violations name it.
    pub(crate) removed_at_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
