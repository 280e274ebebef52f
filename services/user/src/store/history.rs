//! History: folded from events, one row each.

use covergen_ids::UserId;
use covergen_store::{Error, Tx};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::history;

/// Notes what an event told; a second time changes nothing.
pub(crate) async fn insert(tx: &Tx, row: history::Model) -> Result<(), Error> {
    history::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(history::Column::Id)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Forgets all of it, to be told anew.
pub(crate) async fn clear(tx: &Tx) -> Result<(), Error> {
    history::Entity::delete_many().exec(tx).await?;
    Ok(())
}

/// A user's history from before `(when, id)`, newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    user: UserId,
    before: Option<(i64, String)>,
    limit: u64,
) -> Result<Vec<history::Model>, Error> {
    let mut query = history::Entity::find()
        .filter(history::Column::UserId.eq(user))
        .order_by_desc(history::Column::CreatedAtMs)
        .order_by_desc(history::Column::Id);
    if let Some((at_ms, id)) = before {
        query = query.filter(
            Condition::any()
                .add(history::Column::CreatedAtMs.lt(at_ms))
                .add(
                    Condition::all()
                        .add(history::Column::CreatedAtMs.eq(at_ms))
                        .add(history::Column::Id.lt(id)),
                ),
        );
    }
    Ok(query.limit(limit).all(db).await?)
}
