//! Deliveries: of one webhook to its workspace, by what is due to the worker.

use covergen_ids::{DeliveryId, WorkspaceId};
use covergen_store::{Error, Store, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbBackend, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};

use super::entity::delivery::{ActiveModel, Column, Entity, Model, Status};

/// Adds some; one that its target has of that message already stays as it is.
pub(crate) async fn insert(tx: &Tx, rows: Vec<Model>) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    Entity::insert_many(rows.into_iter().map(Model::into_active_model))
        .on_conflict(
            OnConflict::columns([Column::TargetId, Column::MessageId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

fn of(workspace: WorkspaceId, target: &str) -> Select<Entity> {
    Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::TargetId.eq(target))
}

/// One of a target's.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    target: &str,
    id: DeliveryId,
) -> Result<Option<Model>, Error> {
    Ok(of(workspace, target)
        .filter(Column::Id.eq(id))
        .one(db)
        .await?)
}

/// A target's, newest first, from before an id.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    target: &str,
    status: Option<Status>,
    before: Option<DeliveryId>,
    limit: u64,
) -> Result<Vec<Model>, Error> {
    let mut query = of(workspace, target);
    if let Some(status) = status {
        query = query.filter(Column::Status.eq(status));
    }
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before));
    }
    Ok(query.order_by_desc(Column::Id).limit(limit).all(db).await?)
}

/// Those that are due and that nobody is sending, the longest waiting first;
/// those of some targets are left out.
pub(crate) async fn due(
    db: &impl ConnectionTrait,
    now_ms: i64,
    lease_now_ms: i64,
    except: &[String],
    limit: u64,
) -> Result<Vec<Model>, Error> {
    free(db, Expr::value(now_ms), lease_now_ms, except, limit).await
}

/// Whether a look in a transaction may find some: those whose time has come,
/// by the clock that they were written by, leased or not.
pub(crate) async fn may_be_due(store: &Store, except: &[String]) -> Result<bool, Error> {
    let found = free(store.read(), store.now_expr(), i64::MAX, except, 1).await?;
    Ok(!found.is_empty())
}

async fn free(
    db: &impl ConnectionTrait,
    now: Expr,
    lease_now_ms: i64,
    except: &[String],
    limit: u64,
) -> Result<Vec<Model>, Error> {
    let is_free = Condition::any()
        .add(Column::LeaseUntilMs.is_null())
        .add(Column::LeaseUntilMs.lt(lease_now_ms));
    Ok(Entity::find()
        .filter(Column::Status.eq(Status::Pending))
        .filter(Expr::col(Column::AvailableAtMs).lte(now))
        .filter(is_free)
        .filter(Column::TargetId.is_not_in(except.iter().cloned()))
        .order_by_asc(Column::AvailableAtMs)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Takes one to send it; `false` when somebody was faster.
pub(crate) async fn lease(tx: &Tx, row: &Model, until_ms: i64) -> Result<bool, Error> {
    let changed = ActiveModel {
        fencing_token: Set(row.fencing_token + 1),
        lease_until_ms: Set(Some(until_ms)),
        ..ActiveModel::default()
    };
    let leased = Entity::update_many()
        .set(changed)
        .filter(Column::Id.eq(row.id))
        .filter(Column::Status.eq(Status::Pending))
        .filter(Column::FencingToken.eq(row.fencing_token))
        .exec(tx)
        .await?;
    Ok(leased.rows_affected == 1)
}

/// Writes down how an attempt ended; `false` when the lease was lost, so that
/// somebody else does.
pub(crate) async fn settle(tx: &Tx, row: &Model) -> Result<bool, Error> {
    let changed = ActiveModel {
        status: Set(row.status),
        attempts: Set(row.attempts),
        available_at_ms: Set(row.available_at_ms),
        lease_until_ms: Set(None),
        last_response_status: Set(row.last_response_status),
        last_error: Set(row.last_error.clone()),
        last_attempt_at_ms: Set(row.last_attempt_at_ms),
        updated_at_ms: Set(tx.now_ms()),
        ..ActiveModel::default()
    };
    let settled = Entity::update_many()
        .set(changed)
        .filter(Column::Id.eq(row.id))
        .filter(Column::Status.eq(Status::Pending))
        .filter(Column::FencingToken.eq(row.fencing_token))
        .exec(tx)
        .await?;
    Ok(settled.rows_affected == 1)
}

/// What a delivery is when it begins anew, whoever may be sending it.
fn anew(tx: &Tx, expires_at_ms: i64) -> ActiveModel {
    ActiveModel {
        status: Set(Status::Pending),
        attempts: Set(0),
        available_at_ms: Set(tx.now_ms()),
        expires_at_ms: Set(expires_at_ms),
        lease_until_ms: Set(None),
        updated_at_ms: Set(tx.now_ms()),
        ..ActiveModel::default()
    }
}

/// Sends one again.
pub(crate) async fn replay(tx: &Tx, row: &Model, expires_at_ms: i64) -> Result<(), Error> {
    Entity::update_many()
        .set(anew(tx, expires_at_ms))
        .col_expr(Column::FencingToken, Expr::col(Column::FencingToken).add(1))
        .filter(Column::WorkspaceId.eq(row.workspace_id))
        .filter(Column::Id.eq(row.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Sends again what happened since a time and is in one of these states; how
/// many.
pub(crate) async fn replay_since(
    tx: &Tx,
    workspace: WorkspaceId,
    target: &str,
    since_ms: i64,
    statuses: &[Status],
    expires_at_ms: i64,
) -> Result<u64, Error> {
    let replayed = Entity::update_many()
        .set(anew(tx, expires_at_ms))
        .col_expr(Column::FencingToken, Expr::col(Column::FencingToken).add(1))
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::TargetId.eq(target))
        .filter(Column::CreatedAtMs.gte(since_ms))
        .filter(Column::Status.is_in(statuses.iter().copied()))
        .exec(tx)
        .await?;
    Ok(replayed.rows_affected)
}

/// Leaves out what waits for a target that is disabled. A replay brings it
/// back.
pub(crate) async fn skip_pending(
    tx: &Tx,
    workspace: WorkspaceId,
    target: &str,
) -> Result<(), Error> {
    let changed = ActiveModel {
        status: Set(Status::Skipped),
        lease_until_ms: Set(None),
        updated_at_ms: Set(tx.now_ms()),
        ..ActiveModel::default()
    };
    Entity::update_many()
        .set(changed)
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::TargetId.eq(target))
        .filter(Column::Status.eq(Status::Pending))
        .exec(tx)
        .await?;
    Ok(())
}

/// Deletes what there is of a target.
pub(crate) async fn delete_of(tx: &Tx, workspace: WorkspaceId, target: &str) -> Result<(), Error> {
    Entity::delete_many()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::TargetId.eq(target))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends every lease where one process keeps the store: who held them is gone.
/// A database server's clock goes on, and ends them itself.
pub(crate) async fn end_leases(tx: &Tx) -> Result<(), Error> {
    if tx.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::LeaseUntilMs, Expr::value(None::<i64>))
        .filter(Column::Status.eq(Status::Pending))
        .exec(tx)
        .await?;
    Ok(())
}

/// Deletes what is over and older than a time.
pub(crate) async fn sweep(tx: &Tx, before_ms: i64) -> Result<u64, Error> {
    let swept = Entity::delete_many()
        .filter(Column::CreatedAtMs.lt(before_ms))
        .filter(Column::Status.ne(Status::Pending))
        .exec(tx)
        .await?;
    Ok(swept.rows_affected)
}
