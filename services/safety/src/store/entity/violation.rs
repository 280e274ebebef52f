use covergen_ids::{AppealId, UserId, ViolationId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A rule or blocked picture that matched a piece of work. The work itself is
/// not kept.
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
    /// Rule, or blocked picture.
    pub(crate) rule_id: String,
    /// 0 for a picture.
    pub(crate) rule_version: i32,
    pub(crate) category: String,
    pub(crate) region: String,
    pub(crate) score: f64,
    /// Index of the text or picture.
    pub(crate) text_index: i32,
    /// In code points of the text.
    pub(crate) match_start: i32,
    pub(crate) match_end: i32,
    /// Hex; of a picture, its PDQ hash. Tells whether a later piece of work is
    /// the one that an appeal was about.
    pub(crate) text_sha256: String,
    pub(crate) created_at_ms: i64,
    pub(crate) is_image: bool,
    pub(crate) state: State,
    pub(crate) appeal_id: Option<AppealId>,
}

/// Where a violation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum State {
    #[sea_orm(string_value = "STANDING")]
    Standing,
    #[sea_orm(string_value = "APPEALED")]
    Appealed,
    #[sea_orm(string_value = "UPHELD")]
    Upheld,
    #[sea_orm(string_value = "OVERTURNED")]
    Overturned,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
