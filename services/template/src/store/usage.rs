//! How much templates are used.

use covergen_ids::WorkspaceId;
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QuerySelect as _,
};

use super::entity::{popularity, template};
use crate::domain::popularity::{COLD, heated};

/// Whose a template is, if somebody of `workspace` can have used it: the
/// system's, or the workspace's own. A deleted one counts no more.
pub(crate) async fn owner(
    tx: &Tx,
    workspace: WorkspaceId,
    id: &str,
) -> Result<Option<WorkspaceId>, Error> {
    let whose = Condition::any()
        .add(template::Column::WorkspaceId.eq(WorkspaceId::SYSTEM))
        .add(template::Column::WorkspaceId.eq(workspace));
    Ok(template::Entity::find()
        .select_only()
        .column(template::Column::WorkspaceId)
        .filter(template::Column::Id.eq(id))
        .filter(template::Column::IsShown.eq(true))
        .filter(whose)
        .into_tuple()
        .one(tx)
        .await?)
}

/// Counts one use; answers how many there were, this one included.
pub(crate) async fn count(tx: &Tx, owner: WorkspaceId, id: &str, at_ms: i64) -> Result<i32, Error> {
    let first = popularity::Model {
        template_id: id.to_owned(),
        workspace_id: owner,
        use_count: 0,
        heat: COLD,
        last_used_at_ms: at_ms,
    };
    // Writing the row, new or not, locks it: two at once add up.
    popularity::Entity::insert(first.into_active_model())
        .on_conflict(
            OnConflict::column(popularity::Column::TemplateId)
                .update_column(popularity::Column::WorkspaceId)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    let row = popularity::Entity::find_by_id(id.to_owned())
        .one(tx)
        .await?;
    let row = row.ok_or(Error::Poisoned)?;
    let use_count = row.use_count.saturating_add(1);
    popularity::Entity::update_many()
        .col_expr(popularity::Column::UseCount, Expr::value(use_count))
        .col_expr(
            popularity::Column::Heat,
            Expr::value(heated(row.heat, at_ms)),
        )
        .col_expr(
            popularity::Column::LastUsedAtMs,
            Expr::value(row.last_used_at_ms.max(at_ms)),
        )
        .filter(popularity::Column::TemplateId.eq(id))
        .exec(tx)
        .await?;
    Ok(use_count)
}
