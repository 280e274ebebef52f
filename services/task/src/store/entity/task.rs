use covergen_ids::{TaskId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A task and its current execution.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: TaskId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) kind: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) priority: i32,
    pub(crate) max_attempts: i32,
    pub(crate) saga_version: i32,
    pub(crate) on_behalf_of: String,
    pub(crate) traceparent: String,
    pub(crate) state: State,
    pub(crate) stage: String,
    pub(crate) progress_percent: i32,
    pub(crate) execution: i32,
    pub(crate) attempt: i32,
    pub(crate) cancel_requested: bool,
    /// The pivot has begun: no cancelling from here on.
    pub(crate) pivoted: bool,
    pub(crate) needs_operator: bool,
    pub(crate) error_reason: Option<String>,
    pub(crate) error_message: Option<String>,
    pub(crate) fencing_token: i64,
    pub(crate) worker: String,
    /// End of the lease, by the lease clock.
    pub(crate) lease_until_ms: Option<i64>,
    pub(crate) available_at_ms: i64,
    /// Place in the queue; see `domain::rank_ms`.
    pub(crate) rank_ms: i64,
    pub(crate) created_at_ms: i64,
    pub(crate) updated_at_ms: i64,
    /// Rises with every change that a watcher should see.
    pub(crate) version: i64,
}

/// Where a task stands.
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
    pub(crate) const fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
