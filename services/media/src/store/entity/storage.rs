use covergen_ids::WorkspaceId;
use sea_orm::entity::prelude::*;

/// The room that a workspace's assets take. Every asset that comes or goes
/// passes by this row, so that bounds hold however many come at once, and
/// nothing comes after its owner has left.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "storage")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) upload_bytes: i64,
    pub(crate) uploads: i32,
    pub(crate) generated_bytes: i64,
    pub(crate) generated: i32,
    /// Its owner has left: nothing is taken in any more.
    pub(crate) closed: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
