use covergen_ids::{UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// What a rule in shadow matched.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shadow_matches")]
pub(crate) struct Model {
    /// UUIDv7, hex: rows sort by time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) workspace_id: WorkspaceId,
    /// Author of the work.
    pub(crate) user_id: UserId,
    pub(crate) subject: String,
    pub(crate) rule_id: String,
    pub(crate) rule_version: i32,
    /// In code points of the text.
    pub(crate) match_start: i32,
    pub(crate) match_end: i32,
    /// Whether a rule in force flagged the same work.
    pub(crate) flagged_anyway: bool,
    pub(crate) created_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
