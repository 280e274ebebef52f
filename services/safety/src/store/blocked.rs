//! Blocked pictures.

use covergen_ids::{BlockedImageId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};

use super::entity::blocked_image;

fn all() -> Select<blocked_image::Entity> {
    blocked_image::Entity::find().filter(blocked_image::Column::WorkspaceId.eq(WorkspaceId::SYSTEM))
}

fn blocked() -> Select<blocked_image::Entity> {
    all().filter(blocked_image::Column::RemovedAtMs.is_null())
}

pub(crate) async fn insert(tx: &Tx, row: blocked_image::Model) -> Result<(), Error> {
    blocked_image::Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Allows one again. Nothing else of the row is written: whose it was may be
/// erased meanwhile.
pub(crate) async fn remove(tx: &Tx, id: BlockedImageId, at_ms: i64) -> Result<(), Error> {
    blocked_image::Entity::update_many()
        .col_expr(blocked_image::Column::RemovedAtMs, Expr::value(at_ms))
        .filter(blocked_image::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// One, blocked still or not any more.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    id: BlockedImageId,
) -> Result<Option<blocked_image::Model>, Error> {
    Ok(all()
        .filter(blocked_image::Column::Id.eq(id))
        .one(db)
        .await?)
}

/// Whether a hash is blocked in a region.
pub(crate) async fn is_known(
    db: &impl ConnectionTrait,
    pdq: &str,
    region: &str,
) -> Result<bool, Error> {
    let count = blocked()
        .filter(blocked_image::Column::Pdq.eq(pdq))
        .filter(blocked_image::Column::Region.eq(region))
        .count(db)
        .await?;
    Ok(count > 0)
}

pub(crate) async fn count(db: &impl ConnectionTrait) -> Result<u64, Error> {
    Ok(blocked().count(db).await?)
}

/// Blocked pictures before one, newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    before: Option<BlockedImageId>,
    limit: u64,
) -> Result<Vec<blocked_image::Model>, Error> {
    let mut query = blocked().order_by_desc(blocked_image::Column::Id);
    if let Some(before) = before {
        query = query.filter(blocked_image::Column::Id.lt(before));
    }
    Ok(query.limit(limit).all(db).await?)
}
