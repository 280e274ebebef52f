use covergen_ids::{TaskId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// One step of one execution.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "journal")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) task_id: TaskId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) execution: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) step: String,
    pub(crate) workspace_id: WorkspaceId,
    /// `JournalEntry.State` of the contract.
    pub(crate) state: i32,
    pub(crate) output: Vec<u8>,
    pub(crate) started_at_ms: i64,
    pub(crate) updated_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
