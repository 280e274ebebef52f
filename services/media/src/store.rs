//! Queries. What belongs to a workspace is only found with that workspace's
//! id; an object belongs to nobody.

pub(crate) mod entity;
pub(crate) mod entries;
mod migration;
pub(crate) mod owned;
pub(crate) mod room;
pub(crate) mod tombstones;
pub(crate) mod uploads;

use covergen_ids::{AssetId, WorkspaceId};
use covergen_store::Error;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use entity::object::State;
use entity::{asset, object};
pub(crate) use migration::migrations;

pub(crate) async fn asset(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: AssetId,
) -> Result<Option<asset::Model>, Error> {
    Ok(asset::Entity::find_by_id(id)
        .filter(asset::Column::WorkspaceId.eq(workspace))
        .one(db)
        .await?)
}

/// Those of some assets that a workspace has, in no order.
pub(crate) async fn assets(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    ids: &[AssetId],
) -> Result<Vec<asset::Model>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(asset::Entity::find()
        .filter(asset::Column::WorkspaceId.eq(workspace))
        .filter(asset::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// An asset of any workspace: for whoever holds an address signed for it, and
/// for telling whether an id is taken.
pub(crate) async fn any_asset(
    db: &impl ConnectionTrait,
    id: AssetId,
) -> Result<Option<asset::Model>, Error> {
    Ok(asset::Entity::find_by_id(id).one(db).await?)
}

/// Inserts an asset unless its id is there already; `false` then.
pub(crate) async fn insert_asset(
    db: &impl ConnectionTrait,
    row: &asset::Model,
) -> Result<bool, Error> {
    let inserted = asset::Entity::insert(row.clone().into_active_model())
        .on_conflict(
            OnConflict::column(asset::Column::Id)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(inserted == 1)
}

/// Deletes a workspace's assets and returns those that were there. Of any
/// number of callers at once exactly one gets each.
pub(crate) async fn delete_assets(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    ids: &[AssetId],
) -> Result<Vec<asset::Model>, Error> {
    Ok(asset::Entity::delete_many()
        .filter(asset::Column::WorkspaceId.eq(workspace))
        .filter(asset::Column::Id.is_in(ids.iter().copied()))
        .exec_with_returning(db)
        .await?)
}

pub(crate) async fn object(
    db: &impl ConnectionTrait,
    key: &str,
) -> Result<Option<object::Model>, Error> {
    Ok(object::Entity::find_by_id(key).one(db).await?)
}

/// Inserts a row for an object that is about to be stored, unless one is
/// there; `false` then.
pub(crate) async fn insert_object(
    db: &impl ConnectionTrait,
    key: &str,
    epoch: &str,
    now_ms: i64,
) -> Result<bool, Error> {
    let row = object::ActiveModel {
        object_key: Set(key.to_owned()),
        workspace_id: Set(WorkspaceId::SYSTEM),
        state: Set(State::Live),
        refs: Set(0),
        epoch: Set(epoch.to_owned()),
        touched_at_ms: Set(now_ms),
    };
    let inserted = object::Entity::insert(row)
        .on_conflict(
            OnConflict::column(object::Column::ObjectKey)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(inserted == 1)
}

/// Moves an object from one state and epoch to another; `false` when it is not
/// there any more.
pub(crate) async fn move_object(
    db: &impl ConnectionTrait,
    seen: &object::Model,
    state: State,
    epoch: &str,
    now_ms: i64,
) -> Result<bool, Error> {
    let moved = object::Entity::update_many()
        .col_expr(object::Column::State, Expr::value(state))
        .col_expr(object::Column::Epoch, Expr::value(epoch))
        .col_expr(object::Column::TouchedAtMs, Expr::value(now_ms))
        .filter(object::Column::ObjectKey.eq(&*seen.object_key))
        .filter(object::Column::State.eq(seen.state))
        .filter(object::Column::Epoch.eq(&*seen.epoch))
        .filter(object::Column::Refs.eq(seen.refs))
        .exec(db)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// One more asset needs an object, if it is still the one of that epoch.
pub(crate) async fn refer(
    db: &impl ConnectionTrait,
    key: &str,
    epoch: &str,
    now_ms: i64,
) -> Result<bool, Error> {
    let referred = object::Entity::update_many()
        .col_expr(object::Column::Refs, Expr::col(object::Column::Refs).add(1))
        .col_expr(object::Column::TouchedAtMs, Expr::value(now_ms))
        .filter(object::Column::ObjectKey.eq(key))
        .filter(object::Column::State.eq(State::Live))
        .filter(object::Column::Epoch.eq(epoch))
        .exec(db)
        .await?;
    Ok(referred.rows_affected == 1)
}

/// So many assets fewer need an object.
pub(crate) async fn unrefer(db: &impl ConnectionTrait, key: &str, count: i32) -> Result<(), Error> {
    object::Entity::update_many()
        .col_expr(
            object::Column::Refs,
            Expr::col(object::Column::Refs).sub(count),
        )
        .filter(object::Column::ObjectKey.eq(key))
        .exec(db)
        .await?;
    Ok(())
}

/// Removes the row of an object that is gone, if nobody brought it back.
pub(crate) async fn forget_object(
    db: &impl ConnectionTrait,
    seen: &object::Model,
) -> Result<(), Error> {
    object::Entity::delete_many()
        .filter(object::Column::ObjectKey.eq(&*seen.object_key))
        .filter(object::Column::State.eq(State::Gone))
        .filter(object::Column::Epoch.eq(&*seen.epoch))
        .exec(db)
        .await?;
    Ok(())
}

/// Objects that a sweep has to look at: what an interrupted upload or deletion
/// left, and what is gone for long enough. After `after`, by key.
pub(crate) async fn leftovers(
    db: &impl ConnectionTrait,
    after: &str,
    orphan_before_ms: i64,
    deletion_before_ms: i64,
    limit: u64,
) -> Result<Vec<object::Model>, Error> {
    let orphaned = Condition::all()
        .add(object::Column::State.eq(State::Live))
        .add(object::Column::Refs.eq(0))
        .add(object::Column::TouchedAtMs.lt(orphan_before_ms));
    let deleted = Condition::all()
        .add(object::Column::State.is_in([State::Deleting, State::Gone]))
        .add(object::Column::TouchedAtMs.lt(deletion_before_ms));
    Ok(object::Entity::find()
        .filter(object::Column::ObjectKey.gt(after))
        .filter(Condition::any().add(orphaned).add(deleted))
        .order_by_asc(object::Column::ObjectKey)
        .limit(limit)
        .all(db)
        .await?)
}
