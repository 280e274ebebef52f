use covergen_ids::WorkspaceId;
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain::Palette;

/// One version of a template.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "templates")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i32,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) category: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) is_premium: bool,
    /// Place in the gallery.
    pub(crate) position: i32,
    pub(crate) palettes: Palettes,
    /// The newest version of each template is shown.
    pub(crate) is_shown: bool,
    pub(crate) created_at_ms: i64,
}

/// The palettes of a template, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub(crate) struct Palettes(pub(crate) Vec<Palette>);

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
