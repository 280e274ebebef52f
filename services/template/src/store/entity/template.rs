use covergen_ids::{UserId, WorkspaceId};
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::popularity;
use crate::domain::Palette;

/// One version of a template. A version never changes, so that what was made
/// with it can be made again; only which one is shown does.
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
    /// The newest version of each template is shown, until it is deleted.
    pub(crate) is_shown: bool,
    pub(crate) created_at_ms: i64,
    /// Who made the custom template.
    pub(crate) owner_id: Option<UserId>,
    /// The renderer's document of a custom template, as JSON.
    pub(crate) document: Option<String>,
    /// The prompt for a custom template's background, if it has its own.
    pub(crate) prompt_template: Option<String>,
    /// The name in lower case.
    pub(crate) sort_name: String,
    /// What searches look in, in lower case.
    pub(crate) search_text: String,
    /// When the custom template was taken out of the choice.
    pub(crate) deleted_at_ms: Option<i64>,
}

/// The palettes of a template, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub(crate) struct Palettes(pub(crate) Vec<Palette>);

#[derive(Copy, Clone, Debug, EnumIter)]
pub(crate) enum Relation {
    /// All versions of a template share one count.
    Popularity,
}

impl RelationTrait for Relation {
    fn def(&self) -> RelationDef {
        match self {
            Self::Popularity => Entity::belongs_to(popularity::Entity)
                .from(Column::Id)
                .to(popularity::Column::TemplateId)
                .into(),
        }
    }
}

impl Related<popularity::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Popularity.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
