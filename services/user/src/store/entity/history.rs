use covergen_ids::{UserId, WorkspaceId};
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// One thing that happened to somebody's work, as an event told it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "history")]
pub(crate) struct Model {
    /// The event's id, so that it is noted once.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) user_id: UserId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) kind: Kind,
    pub(crate) subject_id: String,
    pub(crate) cover_ids: CoverIds,
    pub(crate) template_id: String,
    pub(crate) outcome: String,
    /// When it happened.
    pub(crate) created_at_ms: i64,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum Kind {
    #[sea_orm(string_value = "COVERS_MADE")]
    CoversMade,
    #[sea_orm(string_value = "GENERATION_FAILED")]
    GenerationFailed,
    #[sea_orm(string_value = "EXPORT_READY")]
    ExportReady,
    #[sea_orm(string_value = "CONTENT_BLOCKED")]
    ContentBlocked,
    #[sea_orm(string_value = "APPEAL_RESOLVED")]
    AppealResolved,
}

/// Covers, as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub(crate) struct CoverIds(pub(crate) Vec<String>);

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
