//! Files of archives.

use covergen_ids::{AssetId, CoverId, ExportId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _,
};

use super::entity::export::{self, Status};
use super::entity::{design, file};

/// Rows of one statement: engines bound how many values it may have.
const ROWS: usize = 100;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Made {
        asset_id: AssetId,
        bytes: i32,
        crc32: u32,
    },
    Failed {
        reason: String,
        message: String,
    },
}

pub(crate) async fn insert(
    tx: &Tx,
    designs: Vec<design::Model>,
    files: Vec<file::Model>,
) -> Result<(), Error> {
    for rows in designs.chunks(ROWS) {
        let rows = rows.iter().cloned().map(design::Model::into_active_model);
        design::Entity::insert_many(rows).exec(tx).await?;
    }
    for rows in files.chunks(ROWS) {
        let rows = rows.iter().cloned().map(file::Model::into_active_model);
        file::Entity::insert_many(rows).exec(tx).await?;
    }
    Ok(())
}

/// The files of an archive, in their order.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    export: ExportId,
) -> Result<Vec<file::Model>, Error> {
    Ok(file::Entity::find()
        .filter(file::Column::ExportId.eq(export))
        .order_by_asc(file::Column::Position)
        .all(db)
        .await?)
}

/// The design of a cover in an archive.
pub(crate) async fn design(
    db: &impl ConnectionTrait,
    export: ExportId,
    cover: CoverId,
) -> Result<Option<design::Model>, Error> {
    Ok(design::Entity::find_by_id((export, cover)).one(db).await?)
}

/// Writes down what became of a file; fails where a later worker has begun, or
/// the archive has ended.
pub(crate) async fn settle(
    tx: &Tx,
    export: ExportId,
    position: i32,
    fencing_token: i64,
    outcome: &Outcome,
) -> Result<(), Error> {
    let held = export::Entity::update_many()
        .col_expr(export::Column::UpdatedAtMs, Expr::value(tx.now_ms()))
        .filter(export::Column::Id.eq(export))
        .filter(export::Column::FencingToken.eq(fencing_token))
        .filter(export::Column::Status.eq(Status::Running))
        .exec(tx)
        .await?;
    if held.rows_affected == 0 {
        return Err(Error::Fenced);
    }
    let change = file::Entity::update_many()
        .filter(file::Column::ExportId.eq(export))
        .filter(file::Column::Position.eq(position));
    let change = match outcome {
        Outcome::Made {
            asset_id,
            bytes,
            crc32,
        } => change
            .col_expr(file::Column::Status, Expr::value(Status::Succeeded))
            .col_expr(file::Column::AssetId, Expr::value(*asset_id))
            .col_expr(file::Column::Bytes, Expr::value(*bytes))
            .col_expr(file::Column::Crc32, Expr::value(i64::from(*crc32))),
        Outcome::Failed { reason, message } => change
            .col_expr(file::Column::Status, Expr::value(Status::Failed))
            .col_expr(file::Column::ErrorReason, Expr::value(reason.as_str()))
            .col_expr(file::Column::ErrorMessage, Expr::value(message.as_str())),
    };
    change.exec(tx).await?;
    Ok(())
}

/// Makes every file wanted again: what there was of them is removed.
pub(crate) async fn reset(tx: &Tx, export: ExportId) -> Result<(), Error> {
    let none = || Expr::value(Option::<String>::None);
    file::Entity::update_many()
        .col_expr(file::Column::Status, Expr::value(Status::Pending))
        .col_expr(file::Column::AssetId, none())
        .col_expr(file::Column::Bytes, Expr::value(Option::<i32>::None))
        .col_expr(file::Column::Crc32, Expr::value(Option::<i64>::None))
        .col_expr(file::Column::ErrorReason, none())
        .col_expr(file::Column::ErrorMessage, none())
        .filter(file::Column::ExportId.eq(export))
        .exec(tx)
        .await?;
    Ok(())
}
