use covergen_ids::{BulkId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A set of covers asked for at once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bulks")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: BulkId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    pub(crate) total_rows: i32,
    /// What all rows have in common, as JSON.
    #[sea_orm(column_type = "Text")]
    pub(crate) settings_json: String,
    /// Whether some row may still have to be worked on.
    pub(crate) is_open: bool,
    pub(crate) is_cancelled: bool,
    /// Rises with every change, also of a row.
    pub(crate) version: i64,
    /// Which process hands its rows to the queue.
    pub(crate) lease_owner: String,
    pub(crate) lease_until_ms: i64,
    pub(crate) created_at_ms: i64,
    pub(crate) ended_at_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
