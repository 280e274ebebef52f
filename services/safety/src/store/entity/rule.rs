use covergen_ids::{UserId, WorkspaceId};
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain::Rule;

/// One version of a rule. What it says never changes.
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
    /// The newest version, unless it is retired.
    pub(crate) in_force: bool,
    /// What it matches is noted, and never flagged.
    pub(crate) is_shadow: bool,
    pub(crate) is_law: bool,
    pub(crate) ground_reference: String,
    pub(crate) origin: Origin,
    /// Who wrote it; none for the build's own, and once they have left.
    pub(crate) author_id: Option<UserId>,
    pub(crate) note: String,
    /// The version that this one brought back.
    pub(crate) restored_from: Option<i32>,
    pub(crate) created_at_ms: i64,
}

/// Where a version comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub(crate) enum Origin {
    /// It came with the program.
    #[sea_orm(string_value = "BUNDLE")]
    Bundle,
    /// A moderator wrote it.
    #[sea_orm(string_value = "MODERATOR")]
    Moderator,
}

/// Patterns, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub(crate) struct Texts(pub(crate) Vec<String>);

impl Model {
    /// A version that a moderator writes, not in force yet.
    pub(crate) fn written(rule: Rule, author: UserId, note: String, now_ms: i64) -> Self {
        Self {
            origin: Origin::Moderator,
            author_id: Some(author),
            note,
            ..Self::bundled(rule, now_ms)
        }
    }

    /// A version of the build's own, not in force yet.
    pub(crate) fn bundled(rule: Rule, now_ms: i64) -> Self {
        Self {
            id: rule.id,
            version: rule.version,
            workspace_id: WorkspaceId::SYSTEM,
            category: rule.category,
            description: rule.description,
            region: rule.region,
            score: rule.score,
            patterns: Texts(rule.patterns),
            exceptions: Texts(rule.exceptions),
            is_retired: rule.is_retired,
            in_force: false,
            is_shadow: rule.is_shadow,
            is_law: rule.is_law,
            ground_reference: rule.ground_reference,
            origin: Origin::Bundle,
            author_id: None,
            note: String::new(),
            restored_from: None,
            created_at_ms: now_ms,
        }
    }
}

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
            is_shadow: row.is_shadow,
            is_law: row.is_law,
            ground_reference: row.ground_reference,
        }
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
