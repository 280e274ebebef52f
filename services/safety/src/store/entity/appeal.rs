use covergen_ids::{AppealId, UserId, ViolationId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// An appeal against a violation.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appeals")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: AppealId,
    pub(crate) workspace_id: WorkspaceId,
    /// Who appealed.
    pub(crate) user_id: UserId,
    pub(crate) violation_id: ViolationId,
    /// Rule, or blocked picture.
    pub(crate) rule_id: String,
    pub(crate) category: String,
    /// In the person's words.
    pub(crate) reason: String,
    pub(crate) state: State,
    pub(crate) due_at_ms: i64,
    pub(crate) decision_reason: String,
    /// Who decided; none before, and once they have left.
    pub(crate) decided_by: Option<UserId>,
    pub(crate) resolved_at_ms: Option<i64>,
    pub(crate) created_at_ms: i64,
}

/// Where an appeal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum State {
    #[sea_orm(string_value = "OPEN")]
    Open,
    #[sea_orm(string_value = "UPHELD")]
    Upheld,
    #[sea_orm(string_value = "OVERTURNED")]
    Overturned,
    #[sea_orm(string_value = "WITHDRAWN")]
    Withdrawn,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
