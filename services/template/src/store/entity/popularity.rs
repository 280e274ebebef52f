use covergen_ids::WorkspaceId;
use sea_orm::entity::prelude::*;

/// How much a template is used. The arithmetic is `domain::popularity`'s.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "template_popularity")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) template_id: String,
    /// Workspace that owns the template.
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) use_count: i32,
    pub(crate) heat: f64,
    pub(crate) last_used_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
