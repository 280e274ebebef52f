//! How much templates are used.

use covergen_ids::WorkspaceId;
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{Expr, LockType, OnConflict};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, DbBackend, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QuerySelect as _, Select,
};

use super::entity::{popularity, template};
use crate::domain::popularity::{COLD, heated};

/// The owner of each version of a template that somebody of `workspace` can
/// have used: the system, or the workspace.
fn owners(workspace: WorkspaceId, id: &str) -> Select<template::Entity> {
    let whose = Condition::any()
        .add(template::Column::WorkspaceId.eq(WorkspaceId::SYSTEM))
        .add(template::Column::WorkspaceId.eq(workspace));
    template::Entity::find()
        .select_only()
        .column(template::Column::WorkspaceId)
        .filter(template::Column::Id.eq(id))
        .filter(whose)
}

/// Whose a template is, if somebody of `workspace` can have used it. A deleted
/// one still is somebody's, so that it does not matter whether its use or its
/// deletion comes first, nor whether the use is told anew.
pub(crate) async fn owner(
    tx: &Tx,
    workspace: WorkspaceId,
    id: &str,
) -> Result<Option<WorkspaceId>, Error> {
    Ok(owners(workspace, id).into_tuple().one(tx).await?)
}

/// As [`owner`], and what can be erased is held until the transaction ends:
/// whoever erases it waits, and then finds what was counted.
pub(crate) async fn hold(
    tx: &Tx,
    workspace: WorkspaceId,
    id: &str,
) -> Result<Option<WorkspaceId>, Error> {
    let owner = owner(tx, workspace, id).await?;
    let is_built_in = owner == Some(WorkspaceId::SYSTEM);
    if owner.is_none() || is_built_in || tx.get_database_backend() != DbBackend::Postgres {
        return Ok(owner);
    }
    // Every version: one of them may be erased while others stay.
    let held = owners(workspace, id).lock(LockType::KeyShare);
    let held: Vec<WorkspaceId> = held.into_tuple().all(tx).await?;
    Ok(held.first().copied())
}

/// How many uses of a template are counted.
pub(crate) async fn counted(tx: &Tx, id: &str) -> Result<i32, Error> {
    let row = popularity::Entity::find_by_id(id.to_owned())
        .one(tx)
        .await?;
    Ok(row.map_or(0, |row| row.use_count))
}

/// Forgets all uses, to be told of them anew.
pub(crate) async fn clear(tx: &Tx) -> Result<(), Error> {
    // Whoever counts in another process is waited for: the inbox is emptied after
    // the table, and a use that came in between would lose its mark there and
    // stay here, to be counted twice.
    tx.close_table("template_popularity").await?;
    popularity::Entity::delete_many().exec(tx).await?;
    Ok(())
}

/// Counts one use.
pub(crate) async fn count(tx: &Tx, owner: WorkspaceId, id: &str, at_ms: i64) -> Result<(), Error> {
    let first = popularity::Model {
        template_id: id.to_owned(),
        workspace_id: owner,
        use_count: 0,
        heat: COLD,
        last_used_at_ms: at_ms,
    };
    // Writing the row, new or not, locks it: two at once add up.
    popularity::Entity::insert(first.into_active_model())
        .on_conflict(
            OnConflict::column(popularity::Column::TemplateId)
                .update_column(popularity::Column::WorkspaceId)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    let row = popularity::Entity::find_by_id(id.to_owned())
        .one(tx)
        .await?;
    let row = row.ok_or(Error::Poisoned)?;
    let use_count = row.use_count.saturating_add(1);
    popularity::Entity::update_many()
        .col_expr(popularity::Column::UseCount, Expr::value(use_count))
        .col_expr(
            popularity::Column::Heat,
            Expr::value(heated(row.heat, at_ms)),
        )
        .col_expr(
            popularity::Column::LastUsedAtMs,
            Expr::value(row.last_used_at_ms.max(at_ms)),
        )
        .filter(popularity::Column::TemplateId.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
