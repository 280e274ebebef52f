use covergen_ids::{UserId, ViolationId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A rule that matched a piece of work. The text itself is not kept.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "violations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: ViolationId,
    pub(crate) workspace_id: WorkspaceId,
    /// Author.
    pub(crate) user_id: UserId,
    /// What was screened.
    pub(crate) subject: String,
    pub(crate) rule_id: String,
    pub(crate) rule_version: i32,
    pub(crate) category: String,
    pub(crate) region: String,
    pub(crate) score: f64,
    pub(crate) text_index: i32,
    /// In code points of the text.
    pub(crate) match_start: i32,
    pub(crate) match_end: i32,
    /// Hex; tells whether an appeal is about the same text.
    pub(crate) text_sha256: String,
    pub(crate) created_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
