use covergen_ids::{PushSubscriptionId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A device that is told by Web Push.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "push_subscriptions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: PushSubscriptionId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    /// Whoever knows the address can send there, so it is sealed.
    pub(crate) endpoint: Vec<u8>,
    /// What it is found by, in hex.
    pub(crate) endpoint_sha256: String,
    /// Host of the address, for people.
    pub(crate) push_service: String,
    /// The device's public key.
    pub(crate) p256dh: Vec<u8>,
    /// Sealed.
    pub(crate) auth: Vec<u8>,
    pub(crate) language: String,
    pub(crate) device_name: String,
    /// When the push service ends it.
    pub(crate) expires_at_ms: Option<i64>,
    pub(crate) created_at_ms: i64,
    pub(crate) last_success_at_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
