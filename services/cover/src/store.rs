//! Queries. A person finds only what is theirs, in the workspace they act in.

pub(crate) mod entity;
mod migration;

use std::collections::HashMap;

use covergen_identity::Principal;
use covergen_ids::{CoverId, TaskId};
use covergen_store::Error;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use entity::{cover, image, request};
pub(crate) use migration::migrations;

pub(crate) async fn insert_request(
    db: &impl ConnectionTrait,
    row: request::Model,
) -> Result<(), Error> {
    request::Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

pub(crate) async fn request(
    db: &impl ConnectionTrait,
    who: &Principal,
    task: TaskId,
) -> Result<Option<request::Model>, Error> {
    Ok(request::Entity::find_by_id(task)
        .filter(request::Column::WorkspaceId.eq(who.workspace_id))
        .filter(request::Column::UserId.eq(who.user_id))
        .one(db)
        .await?)
}

/// Ends an open request; `false` when it has ended before.
pub(crate) async fn end_request(
    db: &impl ConnectionTrait,
    task: TaskId,
    status: request::Status,
    error: Option<(&str, &str)>,
    now_ms: i64,
) -> Result<bool, Error> {
    let (reason, message) = error.unzip();
    let ended = request::Entity::update_many()
        .col_expr(request::Column::Status, Expr::value(status))
        .col_expr(
            request::Column::ErrorReason,
            Expr::value(reason.map(str::to_owned)),
        )
        .col_expr(
            request::Column::ErrorMessage,
            Expr::value(message.map(str::to_owned)),
        )
        .col_expr(request::Column::EndedAtMs, Expr::value(now_ms))
        .filter(request::Column::TaskId.eq(task))
        .filter(request::Column::Status.ne(request::Status::Succeeded))
        .filter(request::Column::Status.ne(status))
        .exec(db)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Writes a cover with its images; writing it again changes nothing.
pub(crate) async fn insert_cover(
    db: &impl ConnectionTrait,
    row: cover::Model,
    images: Vec<image::Model>,
) -> Result<(), Error> {
    cover::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(cover::Column::Id)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    let images = images
        .into_iter()
        .map(sea_orm::IntoActiveModel::into_active_model);
    image::Entity::insert_many(images)
        .on_conflict(
            OnConflict::columns([image::Column::CoverId, image::Column::Position])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

pub(crate) async fn covers_of_task(
    db: &impl ConnectionTrait,
    who: &Principal,
    task: TaskId,
) -> Result<Vec<cover::Model>, Error> {
    Ok(mine(who)
        .filter(cover::Column::TaskId.eq(task))
        .order_by_asc(cover::Column::Variant)
        .all(db)
        .await?)
}

pub(crate) async fn cover(
    db: &impl ConnectionTrait,
    who: &Principal,
    id: CoverId,
) -> Result<Option<cover::Model>, Error> {
    Ok(mine(who).filter(cover::Column::Id.eq(id)).one(db).await?)
}

/// The caller's covers, newest first, from after `(created, id)`.
pub(crate) async fn covers(
    db: &impl ConnectionTrait,
    who: &Principal,
    after: Option<(i64, CoverId)>,
    limit: u64,
) -> Result<Vec<cover::Model>, Error> {
    let mut query = mine(who);
    if let Some((created, id)) = after {
        query = query.filter(
            Condition::any()
                .add(cover::Column::CreatedAtMs.lt(created))
                .add(
                    Condition::all()
                        .add(cover::Column::CreatedAtMs.eq(created))
                        .add(cover::Column::Id.lt(id)),
                ),
        );
    }
    Ok(query
        .order_by_desc(cover::Column::CreatedAtMs)
        .order_by_desc(cover::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// The images of covers that were found for somebody before.
pub(crate) async fn images(
    db: &impl ConnectionTrait,
    covers: &[cover::Model],
) -> Result<HashMap<CoverId, Vec<image::Model>>, Error> {
    let rows = image::Entity::find()
        .filter(image::Column::CoverId.is_in(covers.iter().map(|cover| cover.id)))
        .order_by_asc(image::Column::Position)
        .all(db)
        .await?;
    let mut by_cover: HashMap<CoverId, Vec<image::Model>> = HashMap::new();
    for row in rows {
        by_cover.entry(row.cover_id).or_default().push(row);
    }
    Ok(by_cover)
}

fn mine(who: &Principal) -> sea_orm::Select<cover::Entity> {
    cover::Entity::find()
        .filter(cover::Column::WorkspaceId.eq(who.workspace_id))
        .filter(cover::Column::UserId.eq(who.user_id))
}
