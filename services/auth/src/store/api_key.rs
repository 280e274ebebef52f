//! API keys.

use covergen_ids::{ApiKeyId, UserId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::api_key;

pub(crate) async fn insert(db: &impl ConnectionTrait, row: api_key::Model) -> Result<(), Error> {
    api_key::Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

pub(crate) async fn find(
    db: &impl ConnectionTrait,
    user: UserId,
    id: ApiKeyId,
) -> Result<Option<api_key::Model>, Error> {
    Ok(api_key::Entity::find_by_id(id)
        .filter(api_key::Column::UserId.eq(user))
        .one(db)
        .await?)
}

/// The key with this secret, if it still works.
pub(crate) async fn by_secret(
    db: &impl ConnectionTrait,
    secret_hash: &[u8],
    now_ms: i64,
) -> Result<Option<api_key::Model>, Error> {
    Ok(api_key::Entity::find()
        .filter(api_key::Column::SecretHash.eq(secret_hash))
        .filter(working(now_ms))
        .one(db)
        .await?)
}

fn working(now_ms: i64) -> Condition {
    Condition::all()
        .add(api_key::Column::RevokedAtMs.is_null())
        .add(
            Condition::any()
                .add(api_key::Column::ExpiresAtMs.is_null())
                .add(api_key::Column::ExpiresAtMs.gt(now_ms)),
        )
}

/// A user's keys that work.
pub(crate) async fn count_working(
    db: &impl ConnectionTrait,
    user: UserId,
    now_ms: i64,
) -> Result<u64, Error> {
    Ok(api_key::Entity::find()
        .filter(api_key::Column::UserId.eq(user))
        .filter(working(now_ms))
        .count(db)
        .await?)
}

/// Notes a use, unless one was noted since.
pub(crate) async fn used(tx: &Tx, id: ApiKeyId, since_ms: i64) -> Result<(), Error> {
    api_key::Entity::update_many()
        .col_expr(api_key::Column::LastUsedMs, Expr::value(tx.now_ms()))
        .filter(api_key::Column::Id.eq(id))
        .filter(
            Condition::any()
                .add(api_key::Column::LastUsedMs.is_null())
                .add(api_key::Column::LastUsedMs.lt(since_ms)),
        )
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends a key at once; `false` when it had ended.
pub(crate) async fn revoke(
    db: &impl ConnectionTrait,
    user: UserId,
    id: ApiKeyId,
    now_ms: i64,
) -> Result<bool, Error> {
    let revoked = api_key::Entity::update_many()
        .col_expr(api_key::Column::RevokedAtMs, Expr::value(now_ms))
        .filter(api_key::Column::Id.eq(id))
        .filter(api_key::Column::UserId.eq(user))
        .filter(api_key::Column::RevokedAtMs.is_null())
        .exec(db)
        .await?;
    Ok(revoked.rows_affected == 1)
}

/// Ends all keys of a user.
pub(crate) async fn revoke_all(
    db: &impl ConnectionTrait,
    user: UserId,
    now_ms: i64,
) -> Result<u64, Error> {
    let revoked = api_key::Entity::update_many()
        .col_expr(api_key::Column::RevokedAtMs, Expr::value(now_ms))
        .filter(api_key::Column::UserId.eq(user))
        .filter(api_key::Column::RevokedAtMs.is_null())
        .exec(db)
        .await?;
    Ok(revoked.rows_affected)
}

/// Names a key's successor and when the key ends, unless another was named
/// before: of any number at once exactly one gets `true`.
pub(crate) async fn replace(
    db: &impl ConnectionTrait,
    user: UserId,
    id: ApiKeyId,
    successor: ApiKeyId,
    ends_at_ms: i64,
    now_ms: i64,
) -> Result<bool, Error> {
    let replaced = api_key::Entity::update_many()
        .col_expr(api_key::Column::ReplacedBy, Expr::value(successor))
        .col_expr(api_key::Column::ExpiresAtMs, Expr::value(ends_at_ms))
        .filter(api_key::Column::Id.eq(id))
        .filter(api_key::Column::UserId.eq(user))
        .filter(api_key::Column::ReplacedBy.is_null())
        .filter(working(now_ms))
        .exec(db)
        .await?;
    Ok(replaced.rows_affected == 1)
}

/// A user's keys, newest first, from after `(created, id)`.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<(i64, ApiKeyId)>,
    limit: u64,
) -> Result<Vec<api_key::Model>, Error> {
    let mut query = api_key::Entity::find().filter(api_key::Column::UserId.eq(user));
    if let Some((created, id)) = after {
        query = query.filter(
            Condition::any()
                .add(api_key::Column::CreatedAtMs.lt(created))
                .add(
                    Condition::all()
                        .add(api_key::Column::CreatedAtMs.eq(created))
                        .add(api_key::Column::Id.lt(id)),
                ),
        );
    }
    Ok(query
        .order_by_desc(api_key::Column::CreatedAtMs)
        .order_by_desc(api_key::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}
