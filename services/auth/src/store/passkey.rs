//! Passkeys, and challenges that wait for their answers.

use covergen_ids::{PasskeyId, UserId};
use covergen_store::Error;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{passkey, passkey_challenge};

pub(crate) async fn insert_challenge(
    db: &impl ConnectionTrait,
    row: passkey_challenge::Model,
) -> Result<(), Error> {
    passkey_challenge::Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Uses a challenge up that was given to this user, or to nobody. Of any
/// number at once exactly one gets `true`.
pub(crate) async fn consume_challenge(
    db: &impl ConnectionTrait,
    hash: &[u8],
    user: Option<UserId>,
    now_ms: i64,
) -> Result<bool, Error> {
    let mut delete = passkey_challenge::Entity::delete_many()
        .filter(passkey_challenge::Column::Hash.eq(hash))
        .filter(passkey_challenge::Column::ExpiresAtMs.gt(now_ms));
    delete = match user {
        Some(user) => delete.filter(passkey_challenge::Column::UserId.eq(user)),
        None => delete.filter(passkey_challenge::Column::UserId.is_null()),
    };
    Ok(delete.exec(db).await?.rows_affected == 1)
}

pub(crate) async fn insert(db: &impl ConnectionTrait, row: passkey::Model) -> Result<(), Error> {
    passkey::Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The passkey that a browser names. Whose it is, it tells itself.
pub(crate) async fn by_credential(
    db: &impl ConnectionTrait,
    credential_id: &[u8],
) -> Result<Option<passkey::Model>, Error> {
    Ok(passkey::Entity::find()
        .filter(passkey::Column::CredentialId.eq(credential_id))
        .one(db)
        .await?)
}

pub(crate) async fn find(
    db: &impl ConnectionTrait,
    user: UserId,
    id: PasskeyId,
) -> Result<Option<passkey::Model>, Error> {
    Ok(passkey::Entity::find_by_id(id)
        .filter(passkey::Column::UserId.eq(user))
        .one(db)
        .await?)
}

/// Notes a use. A counter that does not rise tells of a copy: `false` then,
/// and nothing is noted. Passkeys that are carried between devices do not
/// count and stay at 0.
pub(crate) async fn used(
    db: &impl ConnectionTrait,
    id: PasskeyId,
    sign_count: i64,
    backed_up: bool,
    now_ms: i64,
) -> Result<bool, Error> {
    let mut counter = Condition::any().add(passkey::Column::SignCount.lt(sign_count));
    if sign_count == 0 {
        counter = counter.add(passkey::Column::SignCount.eq(0));
    }
    let noted = passkey::Entity::update_many()
        .col_expr(passkey::Column::SignCount, Expr::value(sign_count))
        .col_expr(passkey::Column::BackedUp, Expr::value(backed_up))
        .col_expr(passkey::Column::LastUsedMs, Expr::value(now_ms))
        .filter(passkey::Column::Id.eq(id))
        .filter(counter)
        .exec(db)
        .await?;
    Ok(noted.rows_affected == 1)
}

pub(crate) async fn rename(
    db: &impl ConnectionTrait,
    user: UserId,
    id: PasskeyId,
    name: &str,
) -> Result<bool, Error> {
    let renamed = passkey::Entity::update_many()
        .col_expr(passkey::Column::Name, Expr::value(name))
        .filter(passkey::Column::Id.eq(id))
        .filter(passkey::Column::UserId.eq(user))
        .exec(db)
        .await?;
    Ok(renamed.rows_affected == 1)
}

pub(crate) async fn delete(
    db: &impl ConnectionTrait,
    user: UserId,
    id: PasskeyId,
) -> Result<bool, Error> {
    let deleted = passkey::Entity::delete_many()
        .filter(passkey::Column::Id.eq(id))
        .filter(passkey::Column::UserId.eq(user))
        .exec(db)
        .await?;
    Ok(deleted.rows_affected == 1)
}

pub(crate) async fn count(db: &impl ConnectionTrait, user: UserId) -> Result<u64, Error> {
    Ok(passkey::Entity::find()
        .filter(passkey::Column::UserId.eq(user))
        .count(db)
        .await?)
}

/// A user's passkeys, newest first, from after `(created, id)`.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<(i64, PasskeyId)>,
    limit: u64,
) -> Result<Vec<passkey::Model>, Error> {
    let mut query = passkey::Entity::find().filter(passkey::Column::UserId.eq(user));
    if let Some((created, id)) = after {
        query = query.filter(
            Condition::any()
                .add(passkey::Column::CreatedAtMs.lt(created))
                .add(
                    Condition::all()
                        .add(passkey::Column::CreatedAtMs.eq(created))
                        .add(passkey::Column::Id.lt(id)),
                ),
        );
    }
    Ok(query
        .order_by_desc(passkey::Column::CreatedAtMs)
        .order_by_desc(passkey::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}
