use covergen_ids::{UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A profile.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "profiles")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    /// Personal workspace.
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) username: Option<String>,
    pub(crate) display_name: String,
    pub(crate) email: String,
    pub(crate) avatar_url: String,
    pub(crate) language: String,
    pub(crate) time_zone: String,
    /// Tier id, such as `free`.
    pub(crate) tier: String,
    pub(crate) created_at_ms: i64,
    pub(crate) updated_at_ms: i64,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    /// Empty means none.
    pub(crate) avatar_asset_id: String,
    /// Signed address of that asset.
    pub(crate) avatar_asset_url: String,
    pub(crate) status: Status,
    pub(crate) tier_source: TierSource,
    /// Since when; 0 means since the profile was made.
    pub(crate) tier_since_ms: i64,
}

/// Whether the account may be used, as far as user has heard from auth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum Status {
    #[sea_orm(string_value = "ACTIVE")]
    Active,
    #[sea_orm(string_value = "INACTIVE")]
    Inactive,
    #[sea_orm(string_value = "SUSPENDED")]
    Suspended,
}

/// Where a tier comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum TierSource {
    /// Everybody begins with it.
    #[sea_orm(string_value = "DEFAULT")]
    Default,
    /// An operator set it.
    #[sea_orm(string_value = "OPERATOR")]
    Operator,
    /// It is paid for.
    #[sea_orm(string_value = "PAID")]
    Paid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
