//! Webhooks, always within a workspace.

use covergen_ids::{WebhookId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};

use super::entity::webhook::{self, ActiveModel, Column, Entity, Model};

fn of(workspace: WorkspaceId) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(workspace))
}

/// How many a workspace has.
pub(crate) async fn count(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<u64, Error> {
    Ok(of(workspace).count(db).await?)
}

/// All of a workspace's; there are few.
pub(crate) async fn all(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<Vec<Model>, Error> {
    Ok(of(workspace).all(db).await?)
}

/// One of a workspace's.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: WebhookId,
) -> Result<Option<Model>, Error> {
    Ok(of(workspace).filter(Column::Id.eq(id)).one(db).await?)
}

/// A workspace's, newest first (ids sort by time), from before an id.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    before: Option<WebhookId>,
    limit: u64,
) -> Result<Vec<Model>, Error> {
    let mut query = of(workspace);
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before));
    }
    Ok(query.order_by_desc(Column::Id).limit(limit).all(db).await?)
}

/// Adds one.
pub(crate) async fn insert(tx: &Tx, row: Model) -> Result<(), Error> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Writes what people change of one whose stored revision is the one before;
/// `false` when it is not. Counts of failures are the worker's, and left alone
/// unless they begin anew.
pub(crate) async fn save(tx: &Tx, row: &Model, begins_anew: bool) -> Result<bool, Error> {
    let mut changed = ActiveModel {
        url: Set(row.url.clone()),
        event_types: Set(row.event_types.clone()),
        description: Set(row.description.clone()),
        enabled: Set(row.enabled),
        problem: Set(row.problem.clone()),
        problem_message: Set(row.problem_message.clone()),
        problem_at_ms: Set(row.problem_at_ms),
        secret: Set(row.secret.clone()),
        previous_secret: Set(row.previous_secret.clone()),
        previous_until_ms: Set(row.previous_until_ms),
        revision: Set(row.revision),
        updated_at_ms: Set(row.updated_at_ms),
        ..ActiveModel::default()
    };
    if begins_anew {
        changed.failed_attempts = Set(0);
        changed.failing_since_ms = Set(None);
    }
    let saved = Entity::update_many()
        .set(changed)
        .filter(Column::WorkspaceId.eq(row.workspace_id))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Revision.eq(row.revision - 1))
        .exec(tx)
        .await?;
    Ok(saved.rows_affected == 1)
}

/// Deletes one in this revision; `false` when it has moved on or is gone.
pub(crate) async fn delete(
    tx: &Tx,
    workspace: WorkspaceId,
    id: WebhookId,
    revision: i32,
) -> Result<bool, Error> {
    let deleted = Entity::delete_many()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::Id.eq(id))
        .filter(Column::Revision.eq(revision))
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected == 1)
}

/// An attempt arrived.
pub(crate) async fn note_success(
    tx: &Tx,
    workspace: WorkspaceId,
    id: WebhookId,
) -> Result<(), Error> {
    let changed = ActiveModel {
        failed_attempts: Set(0),
        failing_since_ms: Set(None),
        last_success_at_ms: Set(Some(tx.now_ms())),
        ..ActiveModel::default()
    };
    Entity::update_many()
        .set(changed)
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// An attempt failed; the webhook then, if it is still there.
pub(crate) async fn note_failure(
    tx: &Tx,
    workspace: WorkspaceId,
    id: WebhookId,
) -> Result<Option<Model>, Error> {
    let since = Expr::col(Column::FailingSinceMs).if_null(tx.now_ms());
    Entity::update_many()
        .col_expr(
            Column::FailedAttempts,
            Expr::col(Column::FailedAttempts).add(1),
        )
        .col_expr(Column::FailingSinceMs, since)
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    find(tx, workspace, id).await
}

/// Disables one that is enabled and says why; `false` when it was not.
pub(crate) async fn disable(
    tx: &Tx,
    row: &Model,
    problem: &str,
    message: &str,
) -> Result<bool, Error> {
    let changed = ActiveModel {
        enabled: Set(false),
        problem: Set(Some(problem.to_owned())),
        problem_message: Set(Some(message.to_owned())),
        problem_at_ms: Set(Some(tx.now_ms())),
        updated_at_ms: Set(tx.now_ms()),
        ..ActiveModel::default()
    };
    let disabled = Entity::update_many()
        .set(changed)
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .filter(Column::WorkspaceId.eq(row.workspace_id))
        .filter(Column::Id.eq(row.id))
        .filter(webhook::Column::Enabled.eq(true))
        .exec(tx)
        .await?;
    Ok(disabled.rows_affected == 1)
}
