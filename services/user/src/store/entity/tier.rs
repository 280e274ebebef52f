use covergen_ids::WorkspaceId;
use sea_orm::entity::prelude::*;

/// What a tier allows: data, so that it changes without a release.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tiers")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) covers_per_month: i32,
    pub(crate) watermark: bool,
    pub(crate) premium_templates: bool,
    pub(crate) brand_kits: bool,
    pub(crate) custom_templates: bool,
    pub(crate) bulk: bool,
    pub(crate) api: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
