use covergen_ids::UserId;
use sea_orm::entity::prelude::*;

/// A browser that was sent to a provider.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oauth_flows")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) state_hash: Vec<u8>,
    pub(crate) provider: String,
    pub(crate) browser_hash: Vec<u8>,
    pub(crate) return_to: String,
    pub(crate) language: String,
    /// Whose account the provider is to be linked with.
    pub(crate) link_user_id: Option<UserId>,
    pub(crate) created_at_ms: i64,
    pub(crate) expires_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
