//! Queries. Every finder asks whose templates; the built-in ones belong to the
//! system's workspace.

pub(crate) mod brand_kits;
pub(crate) mod custom;
pub(crate) mod entity;
mod migration;
pub(crate) mod personal;
pub(crate) mod usage;

use std::collections::HashMap;

use covergen_ids::WorkspaceId;
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, OnConflict, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};

use crate::domain::listing::{After, Listing, Order};
use crate::domain::popularity::COLD;
use crate::domain::{Design, Shelf};
use entity::{category, popularity, template};
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

/// A template with how much it is used, if it ever was.
pub(crate) type Counted = (template::Model, Option<popularity::Model>);

/// Shown templates of a workspace, from after a row.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    listing: &Listing,
    after: Option<After>,
    limit: u64,
) -> Result<Vec<Counted>, Error> {
    use template::Column::{Category, CreatedAtMs, Id, IsPremium, Position, SearchText, SortName};
    let mut query = shown(workspace);
    if let Some(category) = &listing.category {
        query = query.filter(Category.eq(category.as_str()));
    }
    if let Some(premium) = listing.premium {
        query = query.filter(IsPremium.eq(premium));
    }
    for word in &listing.words {
        let pattern = LikeExpr::new(format!("%{}%", escaped(word))).escape('\\');
        query = query.filter(SearchText.like(pattern));
    }
    let mut query = query.find_also_related(popularity::Entity);
    if let Some(after) = after {
        query = query.filter(lies_after(after));
    }
    query = match listing.order {
        Order::Gallery => query.order_by_asc(Position),
        Order::Popularity => query.order_by_desc(heat()).order_by_asc(Position),
        Order::Name => query.order_by_asc(SortName),
        Order::Newest => query.order_by_desc(CreatedAtMs).order_by_desc(Id),
    };
    Ok(query.order_by_asc(Id).limit(limit).all(db).await?)
}

/// The rows that come after a page's last one.
fn lies_after(after: After) -> Condition {
    use template::Column::{CreatedAtMs, Id, Position, SortName};
    let then = |first: SimpleExpr, equal: SimpleExpr, rest: Condition| {
        Condition::any()
            .add(first)
            .add(Condition::all().add(equal).add(rest))
    };
    let placed = |position: i32, id: String| {
        then(
            Position.gt(position),
            Position.eq(position),
            Condition::all().add(Id.gt(id)),
        )
    };
    match after {
        After::Gallery(position, id) => placed(position, id),
        After::Popularity(bits, position, id) => {
            let last = f64::from_bits(bits);
            then(
                ExprTrait::lt(heat(), last),
                ExprTrait::eq(heat(), last),
                placed(position, id),
            )
        }
        After::Name(name, id) => then(
            SortName.gt(name.as_str()),
            SortName.eq(name),
            Condition::all().add(Id.gt(id)),
        ),
        After::Newest(at_ms, id) => then(
            CreatedAtMs.lt(at_ms),
            CreatedAtMs.eq(at_ms),
            Condition::all().add(Id.lt(id)),
        ),
    }
}

/// The heat, also of what was never used.
fn heat() -> SimpleExpr {
    let heat = Expr::col((popularity::Entity, popularity::Column::Heat));
    Func::coalesce([heat, Expr::val(COLD)]).into()
}

/// A text that LIKE finds as it is.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}

/// Everything that may be chosen.
pub(crate) async fn choices(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<Vec<template::Model>, Error> {
    Ok(shown(workspace)
        .order_by_asc(template::Column::Position)
        .order_by_asc(template::Column::Id)
        .limit(MAX_CHOICES)
        .all(db)
        .await?)
}

/// The shown version of a template.
pub(crate) async fn template(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: &str,
) -> Result<Option<Counted>, Error> {
    Ok(shown(workspace)
        .filter(template::Column::Id.eq(id))
        .find_also_related(popularity::Entity)
        .one(db)
        .await?)
}

/// A version of a template, also of one that was deleted.
pub(crate) async fn version(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: &str,
    version: i32,
) -> Result<Option<Counted>, Error> {
    Ok(template::Entity::find_by_id((id.to_owned(), version))
        .filter(template::Column::WorkspaceId.eq(workspace))
        .find_also_related(popularity::Entity)
        .one(db)
        .await?)
}

/// The versions of a template, newest first, from below a number.
pub(crate) async fn versions(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: &str,
    below: Option<i32>,
    limit: u64,
) -> Result<Vec<template::Model>, Error> {
    let mut query = template::Entity::find()
        .filter(template::Column::WorkspaceId.eq(workspace))
        .filter(template::Column::Id.eq(id));
    if let Some(below) = below {
        query = query.filter(template::Column::Version.lt(below));
    }
    Ok(query
        .order_by_desc(template::Column::Version)
        .limit(limit)
        .all(db)
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
        owner_id: None,
        document: None,
        prompt_template: None,
        sort_name: design.name.to_lowercase(),
        search_text: design.search_text(),
        deleted_at_ms: None,
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
    let newest: Option<i32> = template::Entity::find()
        .filter(template::Column::WorkspaceId.eq(WorkspaceId::SYSTEM))
        .filter(template::Column::Id.eq(id))
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

/// Puts a template at its place, and writes what a version is searched and
/// sorted by, which older processes did not.
pub(crate) async fn place(tx: &Tx, design: &Design) -> Result<(), Error> {
    let mine = || {
        template::Entity::update_many()
            .filter(template::Column::WorkspaceId.eq(WorkspaceId::SYSTEM))
            .filter(template::Column::Id.eq(design.id.as_str()))
    };
    mine()
        .col_expr(template::Column::Position, Expr::value(design.position))
        .filter(template::Column::Position.ne(design.position))
        .exec(tx)
        .await?;
    let (name, text) = (design.name.to_lowercase(), design.search_text());
    mine()
        .col_expr(template::Column::SortName, Expr::value(name))
        .col_expr(template::Column::SearchText, Expr::value(text.as_str()))
        .filter(template::Column::Version.eq(design.version))
        .filter(template::Column::SearchText.ne(text.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}
