use covergen_ids::{UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// An account: one person's way in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: UserId,
    /// Personal workspace.
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) email: String,
    #[sea_orm(unique)]
    pub(crate) email_canonical: String,
    pub(crate) display_name: String,
    /// PHC string; empty where there is no password.
    pub(crate) password_hash: String,
    pub(crate) created_at_ms: i64,
    /// When the address was proved.
    pub(crate) email_verified_at_ms: Option<i64>,
    /// `active`, `inactive` or `suspended`.
    pub(crate) status: String,
    /// Language of mails, `en` or `zh`; empty when unknown.
    pub(crate) language: String,
    pub(crate) last_sign_in_ms: Option<i64>,
    /// Workspace of test keys, once there was one.
    pub(crate) sandbox_workspace_id: Option<WorkspaceId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
