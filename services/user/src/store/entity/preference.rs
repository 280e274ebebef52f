use covergen_ids::{UserId, WorkspaceId};
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// How somebody likes to work.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "preferences")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) chosen: Chosen,
    pub(crate) updated_at_ms: i64,
}

/// The preferences that are not part of the profile, as JSON. A field that an
/// older row has not got has its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(default)]
pub(crate) struct Chosen {
    /// `SYSTEM`, `LIGHT` or `DARK`; empty means nothing was chosen.
    pub(crate) theme: String,
    pub(crate) default_template_id: String,
    pub(crate) default_sizes: Vec<String>,
    pub(crate) default_formats: Vec<String>,
    pub(crate) default_variants: i32,
    pub(crate) reduce_motion: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
