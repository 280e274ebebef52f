use covergen_ids::{DeliveryId, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// One message to one webhook or device.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: DeliveryId,
    pub(crate) workspace_id: WorkspaceId,
    /// Whom the message is about.
    pub(crate) user_id: UserId,
    pub(crate) channel: Channel,
    /// Id of the webhook or push subscription.
    pub(crate) target_id: String,
    /// The event's id; with the target it is there once.
    pub(crate) message_id: String,
    pub(crate) event_type: String,
    /// The message, as JSON.
    pub(crate) body: String,
    pub(crate) status: Status,
    pub(crate) attempts: i32,
    /// When it is due.
    pub(crate) available_at_ms: i64,
    /// When it is given up.
    pub(crate) expires_at_ms: i64,
    pub(crate) fencing_token: i64,
    /// End of the lease of whoever is sending it, by the lease clock.
    pub(crate) lease_until_ms: Option<i64>,
    /// Status of the last answer; 0 when there was none.
    pub(crate) last_response_status: i32,
    /// What went wrong in the last attempt; empty when nothing did.
    pub(crate) last_error: String,
    pub(crate) last_attempt_at_ms: Option<i64>,
    pub(crate) created_at_ms: i64,
    pub(crate) updated_at_ms: i64,
}

/// How a message leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum Channel {
    #[sea_orm(string_value = "webhook")]
    Webhook,
    #[sea_orm(string_value = "push")]
    Push,
}

impl Channel {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Push => "push",
        }
    }
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum Status {
    #[sea_orm(string_value = "PENDING")]
    Pending,
    #[sea_orm(string_value = "SUCCEEDED")]
    Succeeded,
    #[sea_orm(string_value = "FAILED")]
    Failed,
    #[sea_orm(string_value = "SKIPPED")]
    Skipped,
}

impl Status {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Skipped => "SKIPPED",
        }
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
