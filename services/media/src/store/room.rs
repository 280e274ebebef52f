//! The room that workspaces take.

use covergen_ids::WorkspaceId;
use covergen_store::Error;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
};

use super::entity::asset::{self, Kind};
use super::entity::storage::{self, Column};

/// The room a workspace takes; all zero where nothing was ever stored.
pub(crate) async fn storage(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<storage::Model, Error> {
    let found = storage::Entity::find_by_id(workspace).one(db).await?;
    Ok(found.unwrap_or(storage::Model {
        workspace_id: workspace,
        upload_bytes: 0,
        uploads: 0,
        generated_bytes: 0,
        generated: 0,
        closed: false,
    }))
}

/// Makes the row unless it is there.
async fn ensure(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<(), Error> {
    let row = storage::ActiveModel {
        workspace_id: Set(workspace),
        upload_bytes: Set(0),
        uploads: Set(0),
        generated_bytes: Set(0),
        generated: Set(0),
        closed: Set(false),
    };
    storage::Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::WorkspaceId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Takes room for an asset; `false` where a workspace is closed, or its uploads
/// would pass a limit.
pub(crate) async fn take(
    db: &impl ConnectionTrait,
    asset: &asset::Model,
    limit_bytes: i64,
    limit_uploads: i32,
) -> Result<bool, Error> {
    ensure(db, asset.workspace_id).await?;
    let bytes = i64::from(asset.bytes);
    let mut update = storage::Entity::update_many()
        .filter(Column::WorkspaceId.eq(asset.workspace_id))
        .filter(Column::Closed.eq(false));
    update = match asset.kind {
        Kind::Upload => update
            .col_expr(
                Column::UploadBytes,
                Expr::col(Column::UploadBytes).add(bytes),
            )
            .col_expr(Column::Uploads, Expr::col(Column::Uploads).add(1))
            .filter(Column::UploadBytes.lte(limit_bytes.saturating_sub(bytes)))
            .filter(Column::Uploads.lt(limit_uploads)),
        Kind::Generated => update
            .col_expr(
                Column::GeneratedBytes,
                Expr::col(Column::GeneratedBytes).add(bytes),
            )
            .col_expr(Column::Generated, Expr::col(Column::Generated).add(1)),
    };
    Ok(update.exec(db).await?.rows_affected == 1)
}

/// Gives the room of a deleted asset back.
pub(crate) async fn give_back(
    db: &impl ConnectionTrait,
    asset: &asset::Model,
) -> Result<(), Error> {
    let (bytes_column, count_column) = match asset.kind {
        Kind::Upload => (Column::UploadBytes, Column::Uploads),
        Kind::Generated => (Column::GeneratedBytes, Column::Generated),
    };
    storage::Entity::update_many()
        .col_expr(
            bytes_column,
            Expr::col(bytes_column).sub(i64::from(asset.bytes)),
        )
        .col_expr(count_column, Expr::col(count_column).sub(1))
        .filter(Column::WorkspaceId.eq(asset.workspace_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Takes nothing in for a workspace from now on.
pub(crate) async fn close(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<(), Error> {
    ensure(db, workspace).await?;
    storage::Entity::update_many()
        .col_expr(Column::Closed, Expr::value(true))
        .filter(Column::WorkspaceId.eq(workspace))
        .exec(db)
        .await?;
    Ok(())
}

/// Holds a workspace's row until the transaction ends, so that bounds counted
/// within it hold however many come at once; `false` where it is closed.
pub(crate) async fn hold(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<bool, Error> {
    ensure(db, workspace).await?;
    let held = storage::Entity::update_many()
        .col_expr(Column::Closed, Expr::value(false))
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::Closed.eq(false))
        .exec(db)
        .await?;
    Ok(held.rows_affected == 1)
}
