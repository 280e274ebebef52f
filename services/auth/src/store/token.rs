//! Tokens that work once, found by their hashes.

use covergen_ids::UserId;
use covergen_store::Error;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _,
};

use super::entity::one_time_token;

/// Inserts a token, unless it is there.
pub(crate) async fn insert(
    db: &impl ConnectionTrait,
    row: one_time_token::Model,
) -> Result<(), Error> {
    one_time_token::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(one_time_token::Column::Hash)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

pub(crate) async fn find(
    db: &impl ConnectionTrait,
    hash: &[u8],
    purpose: &str,
) -> Result<Option<one_time_token::Model>, Error> {
    Ok(one_time_token::Entity::find_by_id(hash.to_vec())
        .filter(one_time_token::Column::Purpose.eq(purpose))
        .one(db)
        .await?)
}

/// Uses a token up. Of any number at once exactly one gets `true`: the
/// condition and the change are one statement.
pub(crate) async fn consume(
    db: &impl ConnectionTrait,
    hash: &[u8],
    purpose: &str,
    now_ms: i64,
) -> Result<bool, Error> {
    let used = one_time_token::Entity::update_many()
        .col_expr(one_time_token::Column::UsedAtMs, Expr::value(now_ms))
        .filter(one_time_token::Column::Hash.eq(hash))
        .filter(one_time_token::Column::Purpose.eq(purpose))
        .filter(one_time_token::Column::UsedAtMs.is_null())
        .filter(one_time_token::Column::ExpiresAtMs.gt(now_ms))
        .exec(db)
        .await?;
    Ok(used.rows_affected == 1)
}

/// Counts a try with a token that still lives; `false` when it does not, or
/// has had its tries.
pub(crate) async fn attempt(
    db: &impl ConnectionTrait,
    hash: &[u8],
    purpose: &str,
    most: i64,
    now_ms: i64,
) -> Result<bool, Error> {
    let counted = one_time_token::Entity::update_many()
        .col_expr(
            one_time_token::Column::Attempts,
            Expr::col(one_time_token::Column::Attempts).add(1),
        )
        .filter(one_time_token::Column::Hash.eq(hash))
        .filter(one_time_token::Column::Purpose.eq(purpose))
        .filter(one_time_token::Column::UsedAtMs.is_null())
        .filter(one_time_token::Column::ExpiresAtMs.gt(now_ms))
        .filter(one_time_token::Column::Attempts.lt(most))
        .exec(db)
        .await?;
    Ok(counted.rows_affected == 1)
}

/// Tokens of one purpose that were made for a user since.
pub(crate) async fn count_since(
    db: &impl ConnectionTrait,
    user: UserId,
    purpose: &str,
    since_ms: i64,
) -> Result<u64, Error> {
    Ok(one_time_token::Entity::find()
        .filter(one_time_token::Column::UserId.eq(user))
        .filter(one_time_token::Column::Purpose.eq(purpose))
        .filter(one_time_token::Column::CreatedAtMs.gt(since_ms))
        .count(db)
        .await?)
}

/// Takes a user's tokens of some purposes away.
pub(crate) async fn drop_all(
    db: &impl ConnectionTrait,
    user: UserId,
    purposes: &[&str],
) -> Result<(), Error> {
    one_time_token::Entity::delete_many()
        .filter(one_time_token::Column::UserId.eq(user))
        .filter(one_time_token::Column::Purpose.is_in(purposes.iter().copied()))
        .exec(db)
        .await?;
    Ok(())
}
