//! Links with providers, and browsers that were sent to one.

use covergen_ids::UserId;
use covergen_store::Error;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _,
};

use super::entity::{oauth_flow, provider_link};

pub(crate) async fn insert_flow(
    db: &impl ConnectionTrait,
    row: oauth_flow::Model,
) -> Result<(), Error> {
    oauth_flow::Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The flow that a state and a browser belong to, if its time is not over.
pub(crate) async fn flow(
    db: &impl ConnectionTrait,
    state_hash: &[u8],
    browser_hash: &[u8],
    now_ms: i64,
) -> Result<Option<oauth_flow::Model>, Error> {
    Ok(oauth_flow::Entity::find_by_id(state_hash.to_vec())
        .filter(oauth_flow::Column::BrowserHash.eq(browser_hash))
        .filter(oauth_flow::Column::ExpiresAtMs.gt(now_ms))
        .one(db)
        .await?)
}

/// Takes a flow: of any number at once exactly one gets it.
pub(crate) async fn take_flow(db: &impl ConnectionTrait, state_hash: &[u8]) -> Result<bool, Error> {
    let taken = oauth_flow::Entity::delete_by_id(state_hash.to_vec())
        .exec(db)
        .await?;
    Ok(taken.rows_affected == 1)
}

pub(crate) async fn link(
    db: &impl ConnectionTrait,
    provider: &str,
    subject: &str,
) -> Result<Option<provider_link::Model>, Error> {
    Ok(
        provider_link::Entity::find_by_id((provider.to_owned(), subject.to_owned()))
            .one(db)
            .await?,
    )
}

pub(crate) async fn insert_link(
    db: &impl ConnectionTrait,
    row: provider_link::Model,
) -> Result<(), Error> {
    provider_link::Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Notes that somebody came in by a link; `false` where it is there no more.
pub(crate) async fn used(
    db: &impl ConnectionTrait,
    provider: &str,
    subject: &str,
    email: &str,
    now_ms: i64,
) -> Result<bool, Error> {
    let used = provider_link::Entity::update_many()
        .col_expr(provider_link::Column::LastUsedMs, Expr::value(now_ms))
        .col_expr(provider_link::Column::Email, Expr::value(email))
        .filter(provider_link::Column::Provider.eq(provider))
        .filter(provider_link::Column::Subject.eq(subject))
        .exec(db)
        .await?;
    Ok(used.rows_affected == 1)
}

/// A user's links, oldest first. There is at most one per provider.
pub(crate) async fn links(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<provider_link::Model>, Error> {
    Ok(provider_link::Entity::find()
        .filter(provider_link::Column::UserId.eq(user))
        .order_by_asc(provider_link::Column::CreatedAtMs)
        .order_by_asc(provider_link::Column::Provider)
        .all(db)
        .await?)
}

pub(crate) async fn unlink(
    db: &impl ConnectionTrait,
    user: UserId,
    provider: &str,
) -> Result<bool, Error> {
    let unlinked = provider_link::Entity::delete_many()
        .filter(provider_link::Column::UserId.eq(user))
        .filter(provider_link::Column::Provider.eq(provider))
        .exec(db)
        .await?;
    Ok(unlinked.rows_affected == 1)
}
