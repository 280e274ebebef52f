use covergen_ids::{UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A token that works once, by its hash.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "one_time_tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) hash: Vec<u8>,
    /// `reset`, `verify` or `mfa`.
    pub(crate) purpose: String,
    pub(crate) user_id: UserId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) created_at_ms: i64,
    pub(crate) expires_at_ms: i64,
    pub(crate) used_at_ms: Option<i64>,
    /// Tries, where a code goes with it.
    pub(crate) attempts: i64,
    /// First factor, for `mfa`.
    pub(crate) method: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
