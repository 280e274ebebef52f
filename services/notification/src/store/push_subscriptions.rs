//! Devices. A device belongs to a person, whichever workspace they are in.

use covergen_ids::{PushSubscriptionId, UserId};
use covergen_store::{Error, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _,
};

use super::entity::push_subscription::{ActiveModel, Column, Entity, Model};

/// All of a person's, newest first; there are few.
pub(crate) async fn of(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Model>, Error> {
    Ok(Entity::find()
        .filter(Column::UserId.eq(user))
        .order_by_desc(Column::Id)
        .all(db)
        .await?)
}

/// One of a person's.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    user: UserId,
    id: PushSubscriptionId,
) -> Result<Option<Model>, Error> {
    Ok(Entity::find_by_id(id)
        .filter(Column::UserId.eq(user))
        .one(db)
        .await?)
}

/// The one with an address, whoever has registered it.
pub(crate) async fn with_endpoint(tx: &Tx, endpoint_sha256: &str) -> Result<Option<Model>, Error> {
    Ok(Entity::find()
        .filter(Column::EndpointSha256.eq(endpoint_sha256))
        .one(tx)
        .await?)
}

/// Adds one.
pub(crate) async fn insert(tx: &Tx, row: Model) -> Result<(), Error> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Deletes one of a person's; `false` when there is none.
pub(crate) async fn delete(tx: &Tx, user: UserId, id: PushSubscriptionId) -> Result<bool, Error> {
    let deleted = Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected == 1)
}

/// A message arrived.
pub(crate) async fn note_success(
    tx: &Tx,
    user: UserId,
    id: PushSubscriptionId,
) -> Result<(), Error> {
    let changed = ActiveModel {
        last_success_at_ms: Set(Some(tx.now_ms())),
        ..ActiveModel::default()
    };
    Entity::update_many()
        .set(changed)
        .filter(Column::UserId.eq(user))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
