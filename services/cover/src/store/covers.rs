//! Covers and their images.

use std::collections::HashMap;

use covergen_identity::Principal;
use covergen_ids::{AssetId, BulkId, CoverId, TaskId};
use covergen_store::Error;
use sea_orm::sea_query::{Expr, ExprTrait as _, LikeExpr, OnConflict};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};

use super::entity::{cover, image};

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
    covers_of_tasks(db, who, &[task]).await
}

/// The covers of a few tasks, by task and variant.
pub(crate) async fn covers_of_tasks(
    db: &impl ConnectionTrait,
    who: &Principal,
    tasks: &[TaskId],
) -> Result<Vec<cover::Model>, Error> {
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    Ok(mine(who)
        .filter(cover::Column::TaskId.is_in(tasks.iter().copied()))
        .order_by_asc(cover::Column::TaskId)
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

/// Those of some covers that are the caller's, in no order.
pub(crate) async fn covers_by_id(
    db: &impl ConnectionTrait,
    who: &Principal,
    ids: &[CoverId],
) -> Result<Vec<cover::Model>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(mine(who)
        .filter(cover::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// Which covers are wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) favorite: Option<bool>,
    pub(crate) template_id: Option<String>,
    pub(crate) task: Option<TaskId>,
    pub(crate) bulk: Option<BulkId>,
    /// Found in title or subtitle; lower case.
    pub(crate) text: Option<String>,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    NewestFirst,
    OldestFirst,
    ByTitle,
    ByTitleBackwards,
}

/// Where a page ended: the row's keys under the order at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    Created(i64, CoverId),
    Title(String, CoverId),
}

/// The caller's covers, from after a place.
pub(crate) async fn covers(
    db: &impl ConnectionTrait,
    who: &Principal,
    filter: &Filter,
    order: Order,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<cover::Model>, Error> {
    use cover::Column;
    let mut query = mine(who);
    if let Some(favorite) = filter.favorite {
        query = query.filter(Column::Favorite.eq(favorite));
    }
    if let Some(template) = &filter.template_id {
        query = query.filter(Column::TemplateId.eq(template.as_str()));
    }
    if let Some(task) = filter.task {
        query = query.filter(Column::TaskId.eq(task));
    }
    if let Some(bulk) = filter.bulk {
        query = query.filter(Column::BulkId.eq(bulk));
    }
    if let Some(text) = &filter.text {
        let pattern = LikeExpr::new(format!("%{}%", escaped(text))).escape('\\');
        query = query.filter(Expr::col(Column::SearchText).like(pattern));
    }
    let up = matches!(order, Order::OldestFirst | Order::ByTitle);
    if let Some(place) = after {
        let past = match place {
            Place::Created(at, id) => past(Column::CreatedAtMs, at, id, up),
            Place::Title(text, id) => past(Column::SortText, text, id, up),
        };
        query = query.filter(past);
    }
    let direction = if up {
        sea_orm::Order::Asc
    } else {
        sea_orm::Order::Desc
    };
    let key = match order {
        Order::NewestFirst | Order::OldestFirst => Column::CreatedAtMs,
        Order::ByTitle | Order::ByTitleBackwards => Column::SortText,
    };
    Ok(query
        .order_by(key, direction.clone())
        .order_by(Column::Id, direction)
        .limit(limit)
        .all(db)
        .await?)
}

/// Rows after `(key, id)` in one direction.
fn past(
    column: cover::Column,
    key: impl Into<sea_orm::Value> + Clone,
    id: CoverId,
    up: bool,
) -> Condition {
    let key: sea_orm::Value = key.into();
    let (beyond, next) = if up {
        (column.gt(key.clone()), cover::Column::Id.gt(id))
    } else {
        (column.lt(key.clone()), cover::Column::Id.lt(id))
    };
    Condition::any()
        .add(beyond)
        .add(Condition::all().add(column.eq(key)).add(next))
}

/// A text that LIKE takes literally.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}

/// Marks a cover of the caller's, or takes the mark away; `false` where it is
/// not there any more.
pub(crate) async fn set_favorite(
    db: &impl ConnectionTrait,
    who: &Principal,
    id: CoverId,
    favorite: bool,
) -> Result<bool, Error> {
    let marked = cover::Entity::update_many()
        .col_expr(cover::Column::Favorite, Expr::value(favorite))
        .filter(cover::Column::Id.eq(id))
        .filter(cover::Column::WorkspaceId.eq(who.workspace_id))
        .filter(cover::Column::UserId.eq(who.user_id))
        .exec(db)
        .await?;
    Ok(marked.rows_affected > 0)
}

/// Deletes a cover of the caller's with its images; answers their assets, or
/// `None` where it was not there.
pub(crate) async fn delete_cover(
    db: &impl ConnectionTrait,
    who: &Principal,
    id: CoverId,
) -> Result<Option<Vec<AssetId>>, Error> {
    let deleted = cover::Entity::delete_many()
        .filter(cover::Column::Id.eq(id))
        .filter(cover::Column::WorkspaceId.eq(who.workspace_id))
        .filter(cover::Column::UserId.eq(who.user_id))
        .exec(db)
        .await?;
    if deleted.rows_affected == 0 {
        return Ok(None);
    }
    let images = image::Entity::find()
        .filter(image::Column::CoverId.eq(id))
        .order_by_asc(image::Column::Position)
        .all(db)
        .await?;
    image::Entity::delete_many()
        .filter(image::Column::CoverId.eq(id))
        .exec(db)
        .await?;
    Ok(Some(
        images.into_iter().map(|image| image.asset_id).collect(),
    ))
}

/// The images of covers that were found for somebody before.
pub(crate) async fn images(
    db: &impl ConnectionTrait,
    covers: &[cover::Model],
) -> Result<HashMap<CoverId, Vec<image::Model>>, Error> {
    if covers.is_empty() {
        return Ok(HashMap::new());
    }
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

#[cfg(test)]
mod tests {
    #[test]
    fn a_search_takes_every_character_literally() {
        assert_eq!(super::escaped(r"50%_off\now"), r"50\%\_off\\now");
    }
}
