use covergen_ids::{BulkId, CoverId, TaskId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A finished cover: one variant of a request.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "covers")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: CoverId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    pub(crate) task_id: TaskId,
    /// From 1.
    pub(crate) variant: i32,
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) template_id: String,
    pub(crate) template_version: i32,
    pub(crate) palette_id: String,
    /// Seed of this variant, as the bits of an unsigned number.
    pub(crate) seed: i64,
    pub(crate) watermarked: bool,
    /// The scene in the first size, as JSON: it bears its origin, so that it
    /// can be laid out in any other.
    #[sea_orm(column_type = "Text")]
    pub(crate) design_json: String,
    pub(crate) created_at_ms: i64,
    pub(crate) favorite: bool,
    /// Title and subtitle in lower case, to find it by.
    #[sea_orm(column_type = "Text")]
    pub(crate) search_text: String,
    /// The beginning of the title in lower case, to sort by: bounded, since it
    /// goes into page tokens.
    pub(crate) sort_text: String,
    /// Colours, type and pictures that were asked for, as JSON.
    #[sea_orm(column_type = "Text")]
    pub(crate) look_json: String,
    pub(crate) provider: String,
    pub(crate) units: i32,
    /// The cover that it was made again from.
    pub(crate) source_cover_id: Option<CoverId>,
    pub(crate) bulk_id: Option<BulkId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
