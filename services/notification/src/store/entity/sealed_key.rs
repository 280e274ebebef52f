use covergen_ids::WorkspaceId;
use sea_orm::entity::prelude::*;

/// A key that was made once and is kept, sealed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sealed_keys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) name: String,
    /// The system's: it is nobody's in particular.
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) sealed: Vec<u8>,
    pub(crate) created_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
