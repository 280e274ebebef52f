use covergen_ids::WorkspaceId;
use sea_orm::entity::prelude::*;

/// An object in the object store. The row is there before the object and goes
/// after it, so nothing in the store is unknown.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "objects")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) object_key: String,
    /// Content belongs to nobody; the assets that need it do.
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) state: State,
    /// Assets that need it.
    pub(crate) refs: i32,
    /// Changes whenever the object may have gone or come back: an upload that
    /// began under another epoch must store its content again.
    pub(crate) epoch: String,
    /// By the clock that judges leases.
    pub(crate) touched_at_ms: i64,
}

/// Where an object stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum State {
    /// Stored, or about to be.
    #[sea_orm(string_value = "LIVE")]
    Live,
    /// Somebody is deleting it.
    #[sea_orm(string_value = "DELETING")]
    Deleting,
    /// Deleted. A variant that was being made meanwhile may still come.
    #[sea_orm(string_value = "GONE")]
    Gone,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
