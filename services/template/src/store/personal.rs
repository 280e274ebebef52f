//! Everything that is kept of a person: to hand out, and to erase.

use covergen_ids::{BrandKitId, UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::entity::{brand_kit, popularity, template};

/// Ids of one statement.
const IDS_AT_ONCE: usize = 500;

/// Every version of a person's templates, from after `(id, version)`.
pub(crate) async fn templates(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<(String, i32)>,
    limit: u64,
) -> Result<Vec<template::Model>, Error> {
    let mut query = template::Entity::find().filter(template::Column::OwnerId.eq(user));
    if let Some((id, version)) = after {
        let same = Condition::all()
            .add(template::Column::Id.eq(id.as_str()))
            .add(template::Column::Version.gt(version));
        query = query.filter(Condition::any().add(template::Column::Id.gt(id)).add(same));
    }
    Ok(query
        .order_by_asc(template::Column::Id)
        .order_by_asc(template::Column::Version)
        .limit(limit)
        .all(db)
        .await?)
}

/// A person's brand kits, from after an id.
pub(crate) async fn brand_kits(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<BrandKitId>,
    limit: u64,
) -> Result<Vec<brand_kit::Model>, Error> {
    let mut query = brand_kit::Entity::find().filter(brand_kit::Column::OwnerId.eq(user));
    if let Some(after) = after {
        query = query.filter(brand_kit::Column::Id.gt(after));
    }
    Ok(query
        .order_by_asc(brand_kit::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// The ids and versions of what [`erase`] will erase.
pub(crate) async fn versions(
    db: &impl ConnectionTrait,
    user: UserId,
    home: WorkspaceId,
) -> Result<Vec<(String, i32)>, Error> {
    Ok(template::Entity::find()
        .select_only()
        .column(template::Column::Id)
        .column(template::Column::Version)
        .filter(theirs(user, home))
        .into_tuple()
        .all(db)
        .await?)
}

/// Erases what a person made and what lies in their personal workspace.
pub(crate) async fn erase(tx: &Tx, user: UserId, home: WorkspaceId) -> Result<(), Error> {
    let ids: Vec<String> = template::Entity::find()
        .select_only()
        .column(template::Column::Id)
        .distinct()
        .filter(theirs(user, home))
        .into_tuple()
        .all(tx)
        .await?;
    template::Entity::delete_many()
        .filter(theirs(user, home))
        .exec(tx)
        .await?;
    // After the templates: whoever counted a use held them, and is done by now.
    // What others have versions of stays counted.
    for some in ids.chunks(IDS_AT_ONCE) {
        let kept = Query::select()
            .column(template::Column::Id)
            .from(template::Entity)
            .and_where(template::Column::Id.is_in(some.iter().map(String::as_str)))
            .take();
        popularity::Entity::delete_many()
            .filter(popularity::Column::TemplateId.is_in(some.iter().map(String::as_str)))
            .filter(popularity::Column::TemplateId.not_in_subquery(kept))
            .exec(tx)
            .await?;
    }
    brand_kit::Entity::delete_many()
        .filter(
            Condition::any()
                .add(brand_kit::Column::OwnerId.eq(user))
                .add(brand_kit::Column::WorkspaceId.eq(home)),
        )
        .exec(tx)
        .await?;
    Ok(())
}

/// Templates of a person. The system's workspace is nobody's.
fn theirs(user: UserId, home: WorkspaceId) -> Condition {
    Condition::all()
        .add(template::Column::WorkspaceId.ne(WorkspaceId::SYSTEM))
        .add(
            Condition::any()
                .add(template::Column::OwnerId.eq(user))
                .add(template::Column::WorkspaceId.eq(home)),
        )
}
