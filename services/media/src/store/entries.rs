//! What came of the files in archives.

use covergen_ids::{UploadId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::entity::entry::{self, Column};
use super::entity::upload::{self, State};

/// Writes down how many files an archive holds.
pub(crate) async fn count(tx: &Tx, id: UploadId, entries: i32) -> Result<(), Error> {
    upload::Entity::update_many()
        .col_expr(upload::Column::Entries, Expr::value(entries))
        .filter(upload::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes down what came of a file; `false` where that was done before, or the
/// upload is gone or settled. Roll back then.
pub(crate) async fn insert(tx: &Tx, row: &entry::Model) -> Result<bool, Error> {
    let counter = if row.asset_id.is_some() {
        upload::Column::EntriesDone
    } else {
        upload::Column::EntriesFailed
    };
    // First, so that a removal of the upload and this do not miss each other.
    let counted = upload::Entity::update_many()
        .col_expr(counter, Expr::col(counter).add(1))
        .filter(upload::Column::Id.eq(row.upload_id))
        .filter(upload::Column::State.eq(State::Processing))
        .exec(tx)
        .await?;
    if counted.rows_affected != 1 {
        return Ok(false);
    }
    let inserted = entry::Entity::insert(row.clone().into_active_model())
        .on_conflict(
            OnConflict::columns([Column::UploadId, Column::Position])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(inserted == 1)
}

/// Hands the work on to the next round; `false` where that was done before.
pub(crate) async fn next_round(tx: &Tx, id: UploadId, round: i32) -> Result<bool, Error> {
    let moved = upload::Entity::update_many()
        .col_expr(upload::Column::Round, Expr::value(round.saturating_add(1)))
        .filter(upload::Column::Id.eq(id))
        .filter(upload::Column::Round.eq(round))
        .filter(upload::Column::State.eq(State::Processing))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// Places of the files that were looked at.
pub(crate) async fn positions(db: &impl ConnectionTrait, id: UploadId) -> Result<Vec<i32>, Error> {
    Ok(entry::Entity::find()
        .filter(Column::UploadId.eq(id))
        .select_only()
        .column(Column::Position)
        .into_tuple()
        .all(db)
        .await?)
}

/// The files of an archive that were looked at, in its order.
pub(crate) async fn of_upload(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: UploadId,
) -> Result<Vec<entry::Model>, Error> {
    Ok(entry::Entity::find()
        .filter(Column::UploadId.eq(id))
        .filter(Column::WorkspaceId.eq(workspace))
        .order_by_asc(Column::Position)
        .all(db)
        .await?)
}

/// Forgets the files of uploads that were deleted just before.
pub(super) async fn delete(tx: &Tx, uploads: &[upload::Model]) -> Result<(), Error> {
    if uploads.is_empty() {
        return Ok(());
    }
    entry::Entity::delete_many()
        .filter(Column::UploadId.is_in(uploads.iter().map(|upload| upload.id)))
        .exec(tx)
        .await?;
    Ok(())
}
