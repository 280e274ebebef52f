use covergen_ids::{UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// An authenticator app.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "totp_secrets")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    pub(crate) workspace_id: WorkspaceId,
    /// Sealed.
    pub(crate) secret: Vec<u8>,
    pub(crate) created_at_ms: i64,
    /// When its first code was seen; before that it counts for nothing.
    pub(crate) confirmed_at_ms: Option<i64>,
    /// The last time step that was used.
    pub(crate) last_step: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
