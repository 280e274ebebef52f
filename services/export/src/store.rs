//! Queries. A person finds only what is in their workspace; a worker is let in
//! by the fencing token of its lease.

pub(crate) mod entity;
pub(crate) mod erase;
pub(crate) mod files;
mod migration;

use covergen_ids::{AssetId, ExportId, WorkspaceId};
use covergen_store::Error;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _,
};

use entity::export::{self, Status};
pub(crate) use migration::migrations;

/// What there is once an export has succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Success {
    /// None for an archive.
    pub(crate) asset_id: Option<AssetId>,
    /// Length of the download.
    pub(crate) bytes: i64,
    /// What was used, where the format has one.
    pub(crate) quality: Option<i32>,
}

/// Why there is no file, as a row keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) status: Status,
    pub(crate) reason: String,
    pub(crate) message: String,
}

pub(crate) async fn insert(db: &impl ConnectionTrait, row: export::Model) -> Result<(), Error> {
    row.into_active_model().insert(db).await?;
    Ok(())
}

pub(crate) async fn export(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: ExportId,
) -> Result<Option<export::Model>, Error> {
    Ok(export::Entity::find_by_id(id)
        .filter(export::Column::WorkspaceId.eq(workspace))
        .one(db)
        .await?)
}

/// An export of any workspace: for the worker that its task was leased to.
pub(crate) async fn any_export(
    db: &impl ConnectionTrait,
    id: ExportId,
) -> Result<Option<export::Model>, Error> {
    Ok(export::Entity::find_by_id(id).one(db).await?)
}

/// A worker begins; `false` when a later one has, or it is done. One that
/// failed begins anew: somebody asked for its task to be retried.
pub(crate) async fn begin(
    db: &impl ConnectionTrait,
    id: ExportId,
    fencing_token: i64,
    now_ms: i64,
) -> Result<bool, Error> {
    let none = || Expr::value(Option::<String>::None);
    let begun = export::Entity::update_many()
        .col_expr(export::Column::Status, Expr::value(Status::Running))
        .col_expr(export::Column::FencingToken, Expr::value(fencing_token))
        .col_expr(export::Column::ErrorReason, none())
        .col_expr(export::Column::ErrorMessage, none())
        .col_expr(export::Column::UpdatedAtMs, Expr::value(now_ms))
        .filter(export::Column::Id.eq(id))
        .filter(export::Column::FencingToken.lte(fencing_token))
        .filter(export::Column::Status.ne(Status::Succeeded))
        .exec(db)
        .await?;
    Ok(begun.rows_affected == 1)
}

/// The file is there; `false` when a later worker has begun, or it has ended.
pub(crate) async fn succeed(
    db: &impl ConnectionTrait,
    id: ExportId,
    fencing_token: i64,
    success: Success,
    now_ms: i64,
) -> Result<bool, Error> {
    // Whoever reads the longer number alone is right; the shorter has its end.
    let bytes = i32::try_from(success.bytes).unwrap_or(i32::MAX);
    let done = export::Entity::update_many()
        .col_expr(export::Column::Status, Expr::value(Status::Succeeded))
        .col_expr(export::Column::FencingToken, Expr::value(fencing_token))
        .col_expr(export::Column::AssetId, Expr::value(success.asset_id))
        .col_expr(export::Column::TotalBytes, Expr::value(success.bytes))
        .col_expr(export::Column::UsedQuality, Expr::value(success.quality))
        .col_expr(export::Column::Bytes, Expr::value(bytes))
        .col_expr(export::Column::UpdatedAtMs, Expr::value(now_ms))
        .filter(export::Column::Id.eq(id))
        .filter(export::Column::FencingToken.lte(fencing_token))
        .filter(export::Column::Status.eq(Status::Running))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// There will be no file; `false` when a later worker has begun, or it has
/// ended.
pub(crate) async fn end(
    db: &impl ConnectionTrait,
    id: ExportId,
    fencing_token: i64,
    ending: &Ending,
    now_ms: i64,
) -> Result<bool, Error> {
    let ended = export::Entity::update_many()
        .col_expr(export::Column::Status, Expr::value(ending.status))
        .col_expr(export::Column::FencingToken, Expr::value(fencing_token))
        .col_expr(export::Column::ErrorReason, Expr::value(&*ending.reason))
        .col_expr(export::Column::ErrorMessage, Expr::value(&*ending.message))
        .col_expr(export::Column::UpdatedAtMs, Expr::value(now_ms))
        .filter(export::Column::Id.eq(id))
        .filter(export::Column::FencingToken.lte(fencing_token))
        .filter(export::Column::Status.is_in([Status::Pending, Status::Running]))
        .exec(db)
        .await?;
    Ok(ended.rows_affected == 1)
}
