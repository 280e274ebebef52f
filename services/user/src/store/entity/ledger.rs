use covergen_ids::{TaskId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// One movement of quota. Rows are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quota_ledger")]
pub(crate) struct Model {
    /// UUIDv7, hex: rows sort by time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) user_id: UserId,
    pub(crate) period: String,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) task_id: Option<TaskId>,
    /// `reserve`, `commit`, `release`, `lapse`, `refund` or `consume`.
    pub(crate) movement: String,
    pub(crate) used_delta: i32,
    pub(crate) reserved_delta: i32,
    pub(crate) at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
