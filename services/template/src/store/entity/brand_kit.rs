use covergen_ids::{AssetId, BrandKitId, UserId, WorkspaceId};
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A brand's colours, typeface and logo.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "brand_kits")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: BrandKitId,
    pub(crate) workspace_id: WorkspaceId,
    /// Who made it.
    pub(crate) owner_id: UserId,
    pub(crate) name: String,
    pub(crate) colors: Colors,
    /// Typeface id; empty means the template's own.
    pub(crate) heading_font: String,
    pub(crate) logo_asset_id: Option<AssetId>,
    /// 1, 2, 3 … with every change.
    pub(crate) revision: i32,
    pub(crate) created_at_ms: i64,
    pub(crate) updated_at_ms: i64,
}

/// Colours, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub(crate) struct Colors(pub(crate) Vec<String>);

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
