//! Uploads that come in part by part, and their parts.

use covergen_ids::{AssetId, UploadId, UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::upload::{Column, State};
use super::entity::{part, upload};
use super::entries;

/// Parts that are none of what was told as stored.
const NOT_COUNTED: [part::State; 2] = [part::State::Pending, part::State::Removing];

/// An upload of a person's in a workspace. Nobody else finds it.
pub(crate) async fn of_person(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    user: UserId,
    id: UploadId,
) -> Result<Option<upload::Model>, Error> {
    Ok(upload::Entity::find_by_id(id)
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::UserId.eq(user))
        .one(db)
        .await?)
}

/// An upload of anybody's, for the work that follows its last byte.
pub(crate) async fn any(
    db: &impl ConnectionTrait,
    id: UploadId,
) -> Result<Option<upload::Model>, Error> {
    Ok(upload::Entity::find_by_id(id).one(db).await?)
}

pub(crate) async fn insert(tx: &Tx, row: &upload::Model) -> Result<(), Error> {
    upload::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// How many uploads of a person are still coming in, and how long they will be.
pub(crate) async fn open(tx: &Tx, user: UserId) -> Result<(u64, i64), Error> {
    let theirs = upload::Entity::find()
        .filter(Column::UserId.eq(user))
        .filter(Column::State.is_in([State::Receiving, State::Processing]))
        // One whose time has come is nobody's to finish.
        .filter(Column::ExpiresAtMs.gt(tx.now_ms()));
    let count = theirs.clone().count(tx).await?;
    let lengths: Vec<i64> = theirs
        .select_only()
        .column(Column::TotalBytes)
        .into_tuple()
        .all(tx)
        .await?;
    Ok((count, lengths.iter().sum()))
}

/// Makes somebody the one who sends, if the upload stands where they believe.
pub(crate) async fn take_over(
    tx: &Tx,
    id: UploadId,
    stored_bytes: i64,
    writer: &str,
) -> Result<bool, Error> {
    let taken = upload::Entity::update_many()
        .col_expr(Column::Writer, Expr::value(writer))
        .filter(Column::Id.eq(id))
        .filter(Column::StoredBytes.eq(stored_bytes))
        .filter(Column::State.eq(State::Receiving))
        .exec(tx)
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Inserts a part that is about to be stored, while its writer still sends.
pub(crate) async fn insert_part(tx: &Tx, writer: &str, row: &part::Model) -> Result<bool, Error> {
    // An update, so that a removal of the upload and this do not miss each
    // other.
    let held = upload::Entity::update_many()
        .col_expr(Column::Writer, Expr::value(writer))
        .filter(Column::Id.eq(row.upload_id))
        .filter(Column::Writer.eq(writer))
        .filter(Column::State.eq(State::Receiving))
        .exec(tx)
        .await?;
    if held.rows_affected != 1 {
        return Ok(false);
    }
    part::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(true)
}

/// What is added to an upload.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Advance<'a> {
    pub(crate) upload: UploadId,
    pub(crate) writer: &'a str,
    /// Where it stood.
    pub(crate) from: i64,
    /// Where it stands then.
    pub(crate) to: i64,
    pub(crate) state: State,
    pub(crate) expires_at_ms: i64,
}

/// Counts parts in; `false` where somebody else sends by now, or a part was
/// taken for what an interrupted sender left. Roll back then.
pub(crate) async fn advance(
    tx: &Tx,
    change: Advance<'_>,
    parts: &[part::Model],
) -> Result<bool, Error> {
    let count = i32::try_from(parts.len()).unwrap_or(i32::MAX);
    let moved = upload::Entity::update_many()
        .col_expr(Column::StoredBytes, Expr::value(change.to))
        .col_expr(Column::Parts, Expr::col(Column::Parts).add(count))
        .col_expr(Column::State, Expr::value(change.state))
        .col_expr(Column::ExpiresAtMs, Expr::value(change.expires_at_ms))
        .filter(Column::Id.eq(change.upload))
        .filter(Column::Writer.eq(change.writer))
        .filter(Column::StoredBytes.eq(change.from))
        .filter(Column::State.eq(State::Receiving))
        .exec(tx)
        .await?;
    if moved.rows_affected != 1 {
        return Ok(false);
    }
    let keys = parts.iter().map(|part| part.object_key.as_str());
    let counted = part::Entity::update_many()
        .col_expr(part::Column::State, Expr::value(part::State::Stored))
        .filter(part::Column::ObjectKey.is_in(keys))
        .filter(part::Column::State.eq(part::State::Pending))
        .exec(tx)
        .await?;
    Ok(counted.rows_affected == parts.len() as u64)
}

/// Writes down what became of an upload; `false` where that was done before.
pub(crate) async fn settle(
    tx: &Tx,
    id: UploadId,
    outcome: Result<Option<AssetId>, (&str, &str)>,
) -> Result<bool, Error> {
    let change = upload::Entity::update_many()
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::Processing));
    let change = match outcome {
        Ok(asset) => change
            .col_expr(Column::State, Expr::value(State::Succeeded))
            .col_expr(Column::AssetId, Expr::value(asset)),
        Err((reason, message)) => change
            .col_expr(Column::State, Expr::value(State::Failed))
            .col_expr(Column::ErrorReason, Expr::value(reason))
            .col_expr(Column::ErrorMessage, Expr::value(message)),
    };
    Ok(change.exec(tx).await?.rows_affected == 1)
}

/// Deletes uploads; the parts of those that were there remain to be removed.
pub(crate) async fn delete(
    tx: &Tx,
    ids: impl IntoIterator<Item = UploadId>,
) -> Result<Vec<upload::Model>, Error> {
    let deleted = upload::Entity::delete_many()
        .filter(Column::Id.is_in(ids))
        .exec_with_returning(tx)
        .await?;
    entries::delete(tx, &deleted).await?;
    Ok(deleted)
}

/// Deletes those of the uploads whose time has still come: somebody may have
/// gone on with one since it was found.
pub(crate) async fn delete_expired(
    tx: &Tx,
    ids: impl IntoIterator<Item = UploadId>,
) -> Result<Vec<upload::Model>, Error> {
    let deleted = upload::Entity::delete_many()
        .filter(Column::Id.is_in(ids))
        .filter(Column::ExpiresAtMs.lte(tx.now_ms()))
        .filter(Column::State.ne(State::Processing))
        .exec_with_returning(tx)
        .await?;
    entries::delete(tx, &deleted).await?;
    Ok(deleted)
}

/// Some uploads whose time has come.
pub(crate) async fn expired(tx: &Tx, limit: u64) -> Result<Vec<UploadId>, Error> {
    Ok(upload::Entity::find()
        .filter(Column::ExpiresAtMs.lte(tx.now_ms()))
        // What is being looked at is settled first.
        .filter(Column::State.ne(State::Processing))
        .order_by_asc(Column::ExpiresAtMs)
        .limit(limit)
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(tx)
        .await?)
}

/// Some uploads of a user, or in the workspace that goes with them.
pub(crate) async fn of_leaver(
    tx: &Tx,
    user: UserId,
    workspace: Option<WorkspaceId>,
    limit: u64,
) -> Result<Vec<UploadId>, Error> {
    let mut theirs = Condition::any().add(Column::UserId.eq(user));
    if let Some(workspace) = workspace {
        theirs = theirs.add(Column::WorkspaceId.eq(workspace));
    }
    Ok(upload::Entity::find()
        .filter(theirs)
        .limit(limit)
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(tx)
        .await?)
}

/// Uploads of a user, for their copy of everything.
pub(crate) async fn of_user(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<UploadId>,
    limit: u64,
) -> Result<Vec<upload::Model>, Error> {
    let mut found = upload::Entity::find().filter(Column::UserId.eq(user));
    if let Some(after) = after {
        found = found.filter(Column::Id.gt(after));
    }
    Ok(found.order_by_asc(Column::Id).limit(limit).all(db).await?)
}

/// The parts that count, in the order of their bytes.
pub(crate) async fn parts(
    db: &impl ConnectionTrait,
    id: UploadId,
) -> Result<Vec<part::Model>, Error> {
    Ok(part::Entity::find()
        .filter(part::Column::UploadId.eq(id))
        .filter(part::Column::State.eq(part::State::Stored))
        .order_by_asc(part::Column::BeginBytes)
        .all(db)
        .await?)
}

/// Some parts of an upload, whether they count or not.
pub(crate) async fn every_part(
    db: &impl ConnectionTrait,
    id: UploadId,
    limit: u64,
) -> Result<Vec<part::Model>, Error> {
    Ok(part::Entity::find()
        .filter(part::Column::UploadId.eq(id))
        .order_by_desc(part::Column::State)
        .limit(limit)
        .all(db)
        .await?)
}

/// Some parts that were never counted, which interrupted senders left.
pub(crate) async fn left(
    db: &impl ConnectionTrait,
    untouched_since_ms: i64,
    limit: u64,
) -> Result<Vec<part::Model>, Error> {
    Ok(part::Entity::find()
        .filter(part::Column::State.is_in(NOT_COUNTED))
        .filter(part::Column::TouchedAtMs.lte(untouched_since_ms))
        .limit(limit)
        .all(db)
        .await?)
}

/// Takes a part that does not count for removal; `false` where it counts by
/// now, or is gone.
pub(crate) async fn take_away(tx: &Tx, key: &str) -> Result<bool, Error> {
    let taken = part::Entity::update_many()
        .col_expr(part::Column::State, Expr::value(part::State::Removing))
        .filter(part::Column::ObjectKey.eq(key))
        .filter(part::Column::State.is_in(NOT_COUNTED))
        .exec(tx)
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Forgets a part whose object is gone.
pub(crate) async fn forget_part(tx: &Tx, key: &str) -> Result<(), Error> {
    part::Entity::delete_by_id(key.to_owned()).exec(tx).await?;
    Ok(())
}
