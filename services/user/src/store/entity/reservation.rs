use covergen_ids::{TaskId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// Quota set aside for a task.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reservations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) task_id: TaskId,
    pub(crate) user_id: UserId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) period: String,
    pub(crate) state: State,
    /// Units reserved, or used once committed.
    pub(crate) units: i32,
    pub(crate) refunded_units: i32,
    /// End of its term, by the lease clock; none once it is confirmed.
    pub(crate) expires_at_ms: Option<i64>,
    pub(crate) created_at_ms: i64,
    pub(crate) updated_at_ms: i64,
    /// The task's execution that last confirmed or released it; 0 before any.
    pub(crate) execution: i32,
}

impl Model {
    /// Whether an execution, or a later one, has given it back: then it stays
    /// so for that execution, however late its other calls come. What lapsed
    /// before any execution is no such thing, and a caller of before there were
    /// executions, which says 0, is none that came too late.
    pub(crate) const fn is_over_for(&self, execution: i32) -> bool {
        let given_back = matches!(self.state, State::Released) && self.execution > 0;
        given_back && execution > 0 && self.execution >= execution
    }
}

/// Where a reservation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum State {
    #[sea_orm(string_value = "HELD")]
    Held,
    #[sea_orm(string_value = "CONFIRMED")]
    Confirmed,
    #[sea_orm(string_value = "COMMITTED")]
    Committed,
    #[sea_orm(string_value = "RELEASED")]
    Released,
}

impl State {
    /// Whether units are set aside in this state.
    pub(crate) const fn holds(self) -> bool {
        matches!(self, Self::Held | Self::Confirmed)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
