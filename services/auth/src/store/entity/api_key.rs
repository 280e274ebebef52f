use covergen_ids::{ApiKeyId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// An API key, by the hash of its secret.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: ApiKeyId,
    pub(crate) user_id: UserId,
    /// Where it acts.
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) name: String,
    pub(crate) hint: String,
    #[sea_orm(unique)]
    pub(crate) secret_hash: Vec<u8>,
    pub(crate) test: bool,
    /// With spaces between.
    pub(crate) scopes: String,
    pub(crate) created_at_ms: i64,
    pub(crate) expires_at_ms: Option<i64>,
    pub(crate) last_used_ms: Option<i64>,
    pub(crate) revoked_at_ms: Option<i64>,
    pub(crate) replaced_by: Option<ApiKeyId>,
    /// Ed25519 public key that its requests are signed with, if they are.
    pub(crate) signing_key: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
