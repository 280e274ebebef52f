use covergen_ids::{CoverId, TaskId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// One thing that happened to a generation. Rows are only ever added, and
/// erased with their owner.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "generation_events")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) task_id: TaskId,
    /// 1, 2, 3 … within the task.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sequence: i32,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    pub(crate) kind: Kind,
    pub(crate) cover_id: Option<CoverId>,
    pub(crate) template_id: Option<String>,
    /// As the bits of an unsigned number.
    pub(crate) seed: Option<i64>,
    pub(crate) provider: Option<String>,
    pub(crate) units: Option<i32>,
    pub(crate) attempt: Option<i32>,
    pub(crate) pictures: Option<i32>,
    pub(crate) reason: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) duration_ms: Option<i64>,
    pub(crate) occurred_at_ms: i64,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum Kind {
    #[sea_orm(string_value = "REQUESTED")]
    Requested,
    #[sea_orm(string_value = "REGENERATED")]
    Regenerated,
    #[sea_orm(string_value = "RETRIED")]
    Retried,
    #[sea_orm(string_value = "PAINTED")]
    Painted,
    #[sea_orm(string_value = "CHARGED")]
    Charged,
    #[sea_orm(string_value = "FINISHED")]
    Finished,
    #[sea_orm(string_value = "FAILED")]
    Failed,
    #[sea_orm(string_value = "CANCELLED")]
    Cancelled,
    #[sea_orm(string_value = "FAVORITED")]
    Favorited,
    #[sea_orm(string_value = "UNFAVORITED")]
    Unfavorited,
    #[sea_orm(string_value = "DELETED")]
    Deleted,
}

impl Kind {
    /// The text that stands in the table.
    pub(crate) fn name(self) -> String {
        self.to_value()
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
