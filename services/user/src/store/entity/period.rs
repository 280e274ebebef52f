use covergen_ids::{UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// One user's balance in one period.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quota_periods")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    /// `2026-11`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) period: String,
    pub(crate) workspace_id: WorkspaceId,
    /// Units of the tier as it is now.
    pub(crate) limit_units: i32,
    /// The highest limit the period has had: what was granted under it stays
    /// granted when the tier falls.
    pub(crate) ceiling_units: i32,
    pub(crate) used_units: i32,
    pub(crate) reserved_units: i32,
    /// Whether `QuotaExhausted` was told for this period.
    pub(crate) exhausted_told: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
