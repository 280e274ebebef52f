//! Ids that were deleted, and are not to be used by whoever is late.

use covergen_ids::{AssetId, WorkspaceId};
use covergen_store::Error;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
};

use super::entity::tombstone::{self, Column};

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

/// Removes those that nobody can be late for any more.
pub(crate) async fn wear_off(db: &impl ConnectionTrait, before_ms: i64) -> Result<(), Error> {
    tombstone::Entity::delete_many()
        .filter(Column::DeletedAtMs.lt(before_ms))
        .exec(db)
        .await?;
    Ok(())
}
