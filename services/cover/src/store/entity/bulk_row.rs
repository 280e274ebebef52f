use covergen_ids::{BulkId, TaskId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// One row of a bulk.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_rows")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) bulk_id: BulkId,
    /// From 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) row_number: i32,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    pub(crate) state: State,
    /// From 1; a retry by hand counts one more.
    pub(crate) attempt: i32,
    /// How often it could not be handed to the queue.
    pub(crate) delays: i32,
    /// The row as it was given, as JSON.
    #[sea_orm(column_type = "Text")]
    pub(crate) row_json: String,
    pub(crate) task_id: Option<TaskId>,
    pub(crate) error_reason: Option<String>,
    pub(crate) error_message: Option<String>,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum State {
    #[sea_orm(string_value = "PENDING")]
    Pending,
    #[sea_orm(string_value = "RUNNING")]
    Running,
    #[sea_orm(string_value = "SUCCEEDED")]
    Succeeded,
    #[sea_orm(string_value = "FAILED")]
    Failed,
    #[sea_orm(string_value = "CANCELLED")]
    Cancelled,
}

impl State {
    /// The text that stands in the table.
    pub(crate) fn name(self) -> String {
        self.to_value()
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
