use covergen_ids::WorkspaceId;
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain::Rule;

/// One version of a rule.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rules")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i32,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) category: String,
    pub(crate) description: String,
    pub(crate) region: String,
    pub(crate) score: f64,
    pub(crate) patterns: Texts,
    pub(crate) exceptions: Texts,
    /// This version takes the rule out of force.
    pub(crate) is_retired: bool,
    pub(crate) in_force: bool,
    pub(crate) created_at_ms: i64,
}

/// Patterns, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub(crate) struct Texts(pub(crate) Vec<String>);

impl From<Model> for Rule {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            version: row.version,
            category: row.category,
            description: row.description,
            region: row.region,
            score: row.score,
            patterns: row.patterns.0,
            exceptions: row.exceptions.0,
            is_retired: row.is_retired,
        }
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
