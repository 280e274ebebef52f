use covergen_ids::{BulkId, CoverId, TaskId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A request for covers. What changes in it is what its events fold to.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "requests")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) task_id: TaskId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    pub(crate) status: Status,
    /// The checked order, as JSON.
    #[sea_orm(column_type = "Text")]
    pub(crate) order_json: String,
    pub(crate) error_reason: Option<String>,
    pub(crate) error_message: Option<String>,
    pub(crate) created_at_ms: i64,
    pub(crate) ended_at_ms: Option<i64>,
    /// How often work on it began anew.
    pub(crate) retry_count: i32,
    /// What painted it; empty until it is painted.
    pub(crate) provider: String,
    /// Units set aside, then charged; 0 once they were given back.
    pub(crate) units: i32,
    /// The cover that it makes again.
    pub(crate) source_cover_id: Option<CoverId>,
    pub(crate) bulk_id: Option<BulkId>,
    /// Number of its row in the bulk.
    pub(crate) bulk_row: Option<i32>,
}

/// Where a request stands, as far as cover knows by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum Status {
    #[sea_orm(string_value = "OPEN")]
    Open,
    #[sea_orm(string_value = "SUCCEEDED")]
    Succeeded,
    #[sea_orm(string_value = "FAILED")]
    Failed,
    #[sea_orm(string_value = "CANCELLED")]
    Cancelled,
}

impl Status {
    /// The text that stands in the table.
    pub(crate) fn name(self) -> String {
        self.to_value()
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
