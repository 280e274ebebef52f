//! Authenticator apps and recovery codes.

use covergen_ids::{UserId, WorkspaceId};
use covergen_store::Error;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _,
};

use super::entity::{recovery_code, totp};

pub(crate) async fn totp(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<totp::Model>, Error> {
    Ok(totp::Entity::find_by_id(user).one(db).await?)
}

/// Keeps a secret that waits for its first code, in place of one that waited
/// before. One that is confirmed stays.
pub(crate) async fn enrol(db: &impl ConnectionTrait, row: totp::Model) -> Result<(), Error> {
    totp::Entity::delete_many()
        .filter(totp::Column::UserId.eq(row.user_id))
        .filter(totp::Column::ConfirmedAtMs.is_null())
        .exec(db)
        .await?;
    totp::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(totp::Column::UserId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Uses up a time step of an authenticator app that is confirmed or not, as
/// asked; the secret is sealed anew with today's key. Of any number at once
/// exactly one gets `true`.
pub(crate) async fn use_step(
    db: &impl ConnectionTrait,
    user: UserId,
    step: i64,
    sealed: Vec<u8>,
    confirm_at_ms: Option<i64>,
) -> Result<bool, Error> {
    let mut update = totp::Entity::update_many()
        .col_expr(totp::Column::LastStep, Expr::value(step))
        .col_expr(totp::Column::Secret, Expr::value(sealed))
        .filter(totp::Column::UserId.eq(user))
        .filter(totp::Column::LastStep.lt(step));
    update = match confirm_at_ms {
        Some(now) => update
            .col_expr(totp::Column::ConfirmedAtMs, Expr::value(now))
            .filter(totp::Column::ConfirmedAtMs.is_null()),
        None => update.filter(totp::Column::ConfirmedAtMs.is_not_null()),
    };
    Ok(update.exec(db).await?.rows_affected == 1)
}

/// Takes the authenticator app and the recovery codes away; `false` when
/// there was none.
pub(crate) async fn remove(db: &impl ConnectionTrait, user: UserId) -> Result<bool, Error> {
    drop_codes(db, user).await?;
    let removed = totp::Entity::delete_by_id(user).exec(db).await?;
    Ok(removed.rows_affected == 1)
}

async fn drop_codes(db: &impl ConnectionTrait, user: UserId) -> Result<(), Error> {
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::UserId.eq(user))
        .exec(db)
        .await?;
    Ok(())
}

/// Replaces all recovery codes.
pub(crate) async fn replace_codes(
    db: &impl ConnectionTrait,
    user: UserId,
    workspace: WorkspaceId,
    hashes: Vec<Vec<u8>>,
    now_ms: i64,
) -> Result<(), Error> {
    drop_codes(db, user).await?;
    let rows = hashes.into_iter().map(|hash| {
        recovery_code::Model {
            hash,
            user_id: user,
            workspace_id: workspace,
            created_at_ms: now_ms,
            used_at_ms: None,
        }
        .into_active_model()
    });
    recovery_code::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Uses a recovery code up. Of any number at once exactly one gets `true`.
pub(crate) async fn use_code(
    db: &impl ConnectionTrait,
    user: UserId,
    hash: &[u8],
    now_ms: i64,
) -> Result<bool, Error> {
    let used = recovery_code::Entity::update_many()
        .col_expr(recovery_code::Column::UsedAtMs, Expr::value(now_ms))
        .filter(recovery_code::Column::Hash.eq(hash))
        .filter(recovery_code::Column::UserId.eq(user))
        .filter(recovery_code::Column::UsedAtMs.is_null())
        .exec(db)
        .await?;
    Ok(used.rows_affected == 1)
}

/// Recovery codes that were not used.
pub(crate) async fn codes_left(db: &impl ConnectionTrait, user: UserId) -> Result<u64, Error> {
    Ok(recovery_code::Entity::find()
        .filter(recovery_code::Column::UserId.eq(user))
        .filter(recovery_code::Column::UsedAtMs.is_null())
        .count(db)
        .await?)
}
