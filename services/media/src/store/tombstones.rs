//! Ids that were deleted, and are not to be used by whoever is late.

use covergen_ids::{AssetId, WorkspaceId};
use covergen_store::Error;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    Statement,
};

use super::entity::tombstone::{self, Column};

/// Removed by one statement; few, since writers wait meanwhile.
pub(crate) const AT_ONCE: u64 = 500;

/// Lays one for each of some ids of a workspace.
pub(crate) async fn lay(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    ids: &[AssetId],
    now_ms: i64,
) -> Result<(), Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let rows = ids.iter().map(|id| tombstone::ActiveModel {
        workspace_id: Set(workspace),
        asset_id: Set(*id),
        deleted_at_ms: Set(now_ms),
    });
    tombstone::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([Column::WorkspaceId, Column::AssetId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Whether an id of a workspace was deleted.
pub(crate) async fn lies(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: AssetId,
) -> Result<bool, Error> {
    let found = tombstone::Entity::find_by_id((workspace, id))
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Removes those of a workspace that takes nothing in any more.
pub(crate) async fn clear(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<(), Error> {
    tombstone::Entity::delete_many()
        .filter(Column::WorkspaceId.eq(workspace))
        .exec(db)
        .await?;
    Ok(())
}

/// Removes some of those that nobody can be late for any more; how many.
pub(crate) async fn wear_off(db: &impl ConnectionTrait, before_ms: i64) -> Result<u64, Error> {
    let sql = format!(
        "DELETE FROM tombstones WHERE (workspace_id, asset_id) IN
            (SELECT workspace_id, asset_id FROM tombstones
             WHERE deleted_at_ms < $1 ORDER BY deleted_at_ms LIMIT {AT_ONCE})"
    );
    let values = [before_ms.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.execute_raw(statement).await?.rows_affected())
}
