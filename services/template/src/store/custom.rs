//! Custom templates: rows of `templates` that a workspace owns.

use covergen_ids::{TemplateId, UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _,
};

use super::entity::template::{self, Palettes};
use crate::domain::draft::Custom;
use crate::domain::listing::search_text;

/// How many a workspace has.
pub(crate) async fn count(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<u64, Error> {
    Ok(super::shown(workspace).count(db).await?)
}

/// The row of a version that is about to be made.
pub(crate) fn row(
    id: TemplateId,
    version: i32,
    (workspace, owner): (WorkspaceId, UserId),
    custom: &Custom,
    now_ms: i64,
) -> template::Model {
    template::Model {
        id: id.to_string(),
        version,
        workspace_id: workspace,
        category: custom.category.clone(),
        name: custom.name.clone(),
        description: custom.description.clone(),
        is_premium: true,
        position: 0,
        palettes: Palettes(Vec::new()),
        is_shown: true,
        created_at_ms: now_ms,
        owner_id: Some(owner),
        document: Some(custom.document.to_json()),
        prompt_template: custom.prompt.clone(),
        sort_name: custom.name.to_lowercase(),
        search_text: search_text(&custom.name, &custom.description, &custom.category),
        deleted_at_ms: None,
    }
}

/// Adds a version.
pub(crate) async fn insert(tx: &Tx, row: template::Model) -> Result<(), Error> {
    template::Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Stops showing a version; `false` when it is not the one that is shown, or
/// the template was deleted. Of two at once, one gets `true`.
pub(crate) async fn hide(
    tx: &Tx,
    workspace: WorkspaceId,
    id: &str,
    version: i32,
) -> Result<bool, Error> {
    let hidden = template::Entity::update_many()
        .col_expr(template::Column::IsShown, Expr::value(false))
        .filter(template::Column::WorkspaceId.eq(workspace))
        .filter(template::Column::Id.eq(id))
        .filter(template::Column::Version.eq(version))
        .filter(template::Column::IsShown.eq(true))
        .exec(tx)
        .await?;
    Ok(hidden.rows_affected == 1)
}

/// Takes every version of a template out of the choice.
pub(crate) async fn bury(tx: &Tx, workspace: WorkspaceId, id: &str) -> Result<(), Error> {
    let now = Expr::value(tx.now_ms());
    template::Entity::update_many()
        .col_expr(template::Column::DeletedAtMs, now)
        .filter(template::Column::WorkspaceId.eq(workspace))
        .filter(template::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
