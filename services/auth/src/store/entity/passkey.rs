use covergen_ids::{PasskeyId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A passkey.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkeys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: PasskeyId,
    pub(crate) user_id: UserId,
    pub(crate) workspace_id: WorkspaceId,
    #[sea_orm(unique)]
    pub(crate) credential_id: Vec<u8>,
    /// COSE_Key.
    pub(crate) public_key: Vec<u8>,
    pub(crate) sign_count: i64,
    pub(crate) name: String,
    /// With commas between.
    pub(crate) transports: String,
    pub(crate) backup_eligible: bool,
    pub(crate) backed_up: bool,
    pub(crate) created_at_ms: i64,
    pub(crate) last_used_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
