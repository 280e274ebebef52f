//! Queries. Every finder asks whose templates; the built-in ones belong to the
//! system's workspace.

pub(crate) mod entity;
mod migration;

use std::collections::HashMap;

use covergen_ids::WorkspaceId;
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};

use crate::domain::{Design, Shelf};
use entity::{category, template};
pub(crate) use migration::migrations;

/// Templates one choice is made among: far more than there are.
const MAX_CHOICES: u64 = 1_000;

/// Categories there may be.
const MAX_CATEGORIES: u64 = 200;

fn shown(workspace: WorkspaceId) -> Select<template::Entity> {
    template::Entity::find()
        .filter(template::Column::WorkspaceId.eq(workspace))
        .filter(template::Column::IsShown.eq(true))
}

/// Shown templates from after `(position, id)`.
pub(crate) async fn gallery(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    category: Option<&str>,
    after: Option<(i32, String)>,
    limit: u64,
) -> Result<Vec<template::Model>, Error> {
    let mut query = shown(workspace);
    if let Some(category) = category {
        query = query.filter(template::Column::Category.eq(category));
    }
    if let Some((position, id)) = after {
        query = query.filter(
            Condition::any()
                .add(template::Column::Position.gt(position))
                .add(
                    Condition::all()
                        .add(template::Column::Position.eq(position))
                        .add(template::Column::Id.gt(id)),
                ),
        );
    }
    Ok(query
        .order_by_asc(template::Column::Position)
        .order_by_asc(template::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Everything that may be chosen.
pub(crate) async fn choices(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<Vec<template::Model>, Error> {
    gallery(db, workspace, None, None, MAX_CHOICES).await
}

/// The shown version of a template.
pub(crate) async fn template(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: &str,
) -> Result<Option<template::Model>, Error> {
    Ok(shown(workspace)
        .filter(template::Column::Id.eq(id))
        .one(db)
        .await?)
}

/// Categories that hold a shown template, with how many, in menu order.
pub(crate) async fn categories(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<Vec<(category::Model, i32)>, Error> {
    let counts: Vec<(String, i64)> = shown(workspace)
        .select_only()
        .column(template::Column::Category)
        .column_as(template::Column::Id.count(), "held")
        .group_by(template::Column::Category)
        .into_tuple()
        .all(db)
        .await?;
    let counts: HashMap<String, i64> = counts.into_iter().collect();
    let rows = category::Entity::find()
        .filter(category::Column::WorkspaceId.eq(workspace))
        .order_by_asc(category::Column::Position)
        .order_by_asc(category::Column::Id)
        .limit(MAX_CATEGORIES)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let count = i32::try_from(*counts.get(&row.id)?).unwrap_or(i32::MAX);
            Some((row, count))
        })
        .collect())
}

/// Writes a category as the catalogue has it.
pub(crate) async fn save_category(tx: &Tx, shelf: &Shelf) -> Result<(), Error> {
    let row = category::Model {
        id: shelf.id.clone(),
        workspace_id: WorkspaceId::SYSTEM,
        name: shelf.name.clone(),
        position: shelf.position,
    };
    category::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(category::Column::Id)
                .update_columns([category::Column::Name, category::Column::Position])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Adds a version of a built-in template; `false` when it is there.
pub(crate) async fn insert_template(tx: &Tx, design: &Design) -> Result<bool, Error> {
    let row = template::Model {
        id: design.id.clone(),
        version: design.version,
        workspace_id: WorkspaceId::SYSTEM,
        category: design.category.clone(),
        name: design.name.clone(),
        description: design.description.clone(),
        is_premium: design.is_premium,
        position: design.position,
        palettes: template::Palettes(design.palettes.clone()),
        is_shown: false,
        created_at_ms: tx.now_ms(),
    };
    let inserted = template::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::columns([template::Column::Id, template::Column::Version])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(inserted == 1)
}

/// Shows the newest version of a template and no other, whichever process
/// knows which.
pub(crate) async fn show_newest(tx: &Tx, id: &str) -> Result<(), Error> {
    let newest: Option<i32> = versions(id)
        .select_only()
        .column_as(template::Column::Version.max(), "newest")
        .into_tuple::<Option<i32>>()
        .one(tx)
        .await?
        .flatten();
    let Some(newest) = newest else { return Ok(()) };
    for (is_shown, which) in [
        (false, template::Column::Version.ne(newest)),
        (true, template::Column::Version.eq(newest)),
    ] {
        template::Entity::update_many()
            .col_expr(template::Column::IsShown, Expr::value(is_shown))
            .filter(template::Column::WorkspaceId.eq(WorkspaceId::SYSTEM))
            .filter(template::Column::Id.eq(id))
            .filter(which)
            .filter(template::Column::IsShown.ne(is_shown))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Puts a template at its place.
pub(crate) async fn place(tx: &Tx, id: &str, position: i32) -> Result<(), Error> {
    template::Entity::update_many()
        .col_expr(template::Column::Position, Expr::value(position))
        .filter(template::Column::WorkspaceId.eq(WorkspaceId::SYSTEM))
        .filter(template::Column::Id.eq(id))
        .filter(template::Column::Position.ne(position))
        .exec(tx)
        .await?;
    Ok(())
}

fn versions(id: &str) -> Select<template::Entity> {
    template::Entity::find()
        .filter(template::Column::WorkspaceId.eq(WorkspaceId::SYSTEM))
        .filter(template::Column::Id.eq(id))
}
