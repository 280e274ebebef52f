use covergen_ids::{CoverId, TaskId, UserId, WorkspaceId};
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
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
