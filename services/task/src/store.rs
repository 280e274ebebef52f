//! Queries. A person finds only what is in their workspace; a worker is let in
//! by the fencing token of its lease.

pub(crate) mod entity;
mod migration;

use std::collections::HashMap;

use covergen_ids::{TaskId, UserId, WorkspaceId};
use covergen_store::{Error, Store, Tx};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, DbBackend,
    EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _,
};

use entity::task::State;
use entity::{journal, task};
pub(crate) use migration::migrations;

pub(crate) async fn task(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: TaskId,
) -> Result<Option<task::Model>, Error> {
    Ok(task::Entity::find_by_id(id)
        .filter(task::Column::WorkspaceId.eq(workspace))
        .one(db)
        .await?)
}

/// Those of some tasks that are of a workspace, in no order.
pub(crate) async fn tasks(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    ids: &[TaskId],
) -> Result<Vec<task::Model>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(task::Entity::find()
        .filter(task::Column::Id.is_in(ids.iter().copied()))
        .filter(task::Column::WorkspaceId.eq(workspace))
        .all(db)
        .await?)
}

/// A task of any workspace: for operators, and for the service that owns it.
pub(crate) async fn any_task(
    db: &impl ConnectionTrait,
    id: TaskId,
) -> Result<Option<task::Model>, Error> {
    Ok(task::Entity::find_by_id(id).one(db).await?)
}

/// The same, locked until the transaction ends. SQLite has one writer at a
/// time anyway.
pub(crate) async fn locked_task(tx: &Tx, id: TaskId) -> Result<Option<task::Model>, Error> {
    let query = task::Entity::find_by_id(id);
    let query = match tx.get_database_backend() {
        DbBackend::Postgres => query.lock_exclusive(),
        _ => query,
    };
    Ok(query.one(tx).await?)
}

/// Inserts a task unless its id is there already; `false` then.
pub(crate) async fn insert(db: &impl ConnectionTrait, row: &task::Model) -> Result<bool, Error> {
    let inserted = task::Entity::insert(row.clone().into_active_model())
        .on_conflict(OnConflict::column(task::Column::Id).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(inserted == 1)
}

/// Writes every column of a task, if its version is still the one read. That
/// makes each change of a row atomic on both engines without a lock.
pub(crate) async fn save(
    db: &impl ConnectionTrait,
    read: &task::Model,
    changed: task::Model,
) -> Result<bool, Error> {
    let id = changed.id;
    let saved = task::Entity::update_many()
        .set(changed.into_active_model().reset_all())
        .filter(task::Column::Id.eq(id))
        .filter(task::Column::Version.eq(read.version))
        .filter(task::Column::FencingToken.eq(read.fencing_token))
        .exec(db)
        .await?;
    Ok(saved.rows_affected == 1)
}

/// Renews a lease without changing anything a watcher sees.
pub(crate) async fn renew_lease(
    db: &impl ConnectionTrait,
    id: TaskId,
    fencing_token: i64,
    lease_until_ms: i64,
) -> Result<(), Error> {
    task::Entity::update_many()
        .col_expr(task::Column::LeaseUntilMs, Expr::value(lease_until_ms))
        .filter(task::Column::Id.eq(id))
        .filter(task::Column::FencingToken.eq(fencing_token))
        .exec(db)
        .await?;
    Ok(())
}

/// Tasks that may be leased now: those whose time has come, and those whose
/// lease has run out; best rank first. Those of some workspaces are left out.
pub(crate) async fn candidates(
    db: &impl ConnectionTrait,
    kinds: &[String],
    now_ms: i64,
    lease_now_ms: i64,
    except: &[WorkspaceId],
    limit: u64,
) -> Result<Vec<task::Model>, Error> {
    leasable(db, kinds, Expr::value(now_ms), lease_now_ms, except, limit).await
}

/// Whether a look in a transaction may find something: tasks whose time has
/// come, by the clock that they were written by, and any that run.
pub(crate) async fn may_have_work(store: &Store, kinds: &[String]) -> Result<bool, Error> {
    let found = leasable(store.read(), kinds, store.now_expr(), i64::MAX, &[], 1).await?;
    Ok(!found.is_empty())
}

async fn leasable(
    db: &impl ConnectionTrait,
    kinds: &[String],
    now: Expr,
    lease_now_ms: i64,
    except: &[WorkspaceId],
    limit: u64,
) -> Result<Vec<task::Model>, Error> {
    let waiting = Condition::all()
        .add(task::Column::State.eq(State::Pending))
        .add(Expr::col(task::Column::AvailableAtMs).lte(now));
    let lapsed = Condition::all()
        .add(task::Column::State.eq(State::Running))
        .add(task::Column::LeaseUntilMs.lt(lease_now_ms));
    Ok(task::Entity::find()
        .filter(task::Column::Kind.is_in(kinds.iter().cloned()))
        .filter(task::Column::WorkspaceId.is_not_in(except.iter().copied()))
        .filter(Condition::any().add(waiting).add(lapsed))
        .order_by_asc(task::Column::RankMs)
        .order_by_asc(task::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Starts every lease anew where one process keeps the store: its lease clock
/// begins again with it, so the old terms mean nothing. A database server's
/// clock goes on, and so do the terms.
pub(crate) async fn renew_leases(tx: &Tx, lease_until_ms: i64) -> Result<(), Error> {
    if tx.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    task::Entity::update_many()
        .col_expr(task::Column::LeaseUntilMs, Expr::value(lease_until_ms))
        .filter(task::Column::State.eq(State::Running))
        .exec(tx)
        .await?;
    Ok(())
}

/// Running tasks per workspace.
pub(crate) async fn running(
    db: &impl ConnectionTrait,
    lease_now_ms: i64,
) -> Result<HashMap<WorkspaceId, usize>, Error> {
    let rows: Vec<(WorkspaceId, i64)> = task::Entity::find()
        .select_only()
        .column(task::Column::WorkspaceId)
        .column_as(task::Column::Id.count(), "running")
        .filter(task::Column::State.eq(State::Running))
        .filter(task::Column::LeaseUntilMs.gte(lease_now_ms))
        .group_by(task::Column::WorkspaceId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(workspace, count)| (workspace, usize::try_from(count).unwrap_or(0)))
        .collect())
}

pub(crate) async fn journal(
    db: &impl ConnectionTrait,
    task: TaskId,
    execution: i32,
) -> Result<Vec<journal::Model>, Error> {
    Ok(journal::Entity::find()
        .filter(journal::Column::TaskId.eq(task))
        .filter(journal::Column::Execution.eq(execution))
        .order_by_asc(journal::Column::StartedAtMs)
        .all(db)
        .await?)
}

/// Writes a step's state over whatever was there.
pub(crate) async fn write_journal(
    db: &impl ConnectionTrait,
    row: journal::Model,
    keep_output: bool,
) -> Result<(), Error> {
    let mut columns = vec![journal::Column::State, journal::Column::UpdatedAtMs];
    if !keep_output {
        columns.push(journal::Column::Output);
    }
    journal::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::columns([
                journal::Column::TaskId,
                journal::Column::Execution,
                journal::Column::Step,
            ])
            .update_columns(columns)
            .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Deletes a task and its journals.
pub(crate) async fn delete(db: &impl ConnectionTrait, id: TaskId) -> Result<(), Error> {
    journal::Entity::delete_many()
        .filter(journal::Column::TaskId.eq(id))
        .exec(db)
        .await?;
    task::Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

/// Deletes the tasks of a personal workspace and those made on behalf of its
/// owner elsewhere, journals included.
pub(crate) async fn erase(tx: &Tx, user: UserId, personal: WorkspaceId) -> Result<u64, Error> {
    // `on_behalf_of` begins with the user id and a space; `!` follows the
    // space, so this is a range of the index.
    let theirs = Condition::any()
        .add(task::Column::WorkspaceId.eq(personal))
        .add(
            Condition::all()
                .add(task::Column::OnBehalfOf.gte(format!("{user} ")))
                .add(task::Column::OnBehalfOf.lt(format!("{user}!"))),
        );
    let theirs_by_id = task::Entity::find()
        .select_only()
        .column(task::Column::Id)
        .filter(theirs.clone());
    if tx.get_database_backend() == DbBackend::Postgres {
        // Whoever writes a journal holds its task: they are waited for.
        let held = theirs_by_id.clone().lock_exclusive();
        let _: Vec<TaskId> = held.into_tuple().all(tx).await?;
    }
    journal::Entity::delete_many()
        .filter(journal::Column::TaskId.in_subquery(theirs_by_id.into_query()))
        .exec(tx)
        .await?;
    let gone = task::Entity::delete_many().filter(theirs).exec(tx).await?;
    Ok(gone.rows_affected)
}

/// Tasks by kind, state and whether an operator is needed.
pub(crate) async fn counts(
    db: &impl ConnectionTrait,
) -> Result<Vec<(String, State, bool, i64)>, Error> {
    Ok(task::Entity::find()
        .select_only()
        .column(task::Column::Kind)
        .column(task::Column::State)
        .column(task::Column::NeedsOperator)
        .column_as(task::Column::Id.count(), "tasks")
        .group_by(task::Column::Kind)
        .group_by(task::Column::State)
        .group_by(task::Column::NeedsOperator)
        .order_by_asc(task::Column::Kind)
        .into_tuple()
        .all(db)
        .await?)
}

/// When the oldest waiting task of each kind could first have started.
pub(crate) async fn oldest_pending(
    db: &impl ConnectionTrait,
) -> Result<HashMap<String, i64>, Error> {
    let rows: Vec<(String, i64)> = task::Entity::find()
        .select_only()
        .column(task::Column::Kind)
        .column_as(task::Column::AvailableAtMs.min(), "oldest")
        .filter(task::Column::State.eq(State::Pending))
        .group_by(task::Column::Kind)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// How many tasks of each kind wait, and when the oldest of them could first
/// have started.
pub(crate) async fn waiting(db: &impl ConnectionTrait) -> Result<Vec<(String, i64, i64)>, Error> {
    Ok(task::Entity::find()
        .select_only()
        .column(task::Column::Kind)
        .column_as(task::Column::Id.count(), "tasks")
        .column_as(task::Column::AvailableAtMs.min(), "oldest")
        .filter(task::Column::State.eq(State::Pending))
        .group_by(task::Column::Kind)
        .into_tuple()
        .all(db)
        .await?)
}

/// Which tasks an operator looks at; nothing set means all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub(crate) needs_operator: bool,
    pub(crate) state: Option<State>,
    pub(crate) kind: Option<String>,
}

/// Tasks of every workspace, the latest changed first, from after
/// `(updated, id)`.
pub(crate) async fn latest(
    db: &impl ConnectionTrait,
    wanted: &Wanted,
    after: Option<(i64, TaskId)>,
    limit: u64,
) -> Result<Vec<task::Model>, Error> {
    let mut query = task::Entity::find();
    if wanted.needs_operator {
        query = query.filter(task::Column::NeedsOperator.eq(true));
    }
    if let Some(state) = wanted.state {
        query = query.filter(task::Column::State.eq(state));
    }
    if let Some(kind) = &wanted.kind {
        query = query.filter(task::Column::Kind.eq(kind));
    }
    if let Some((updated, id)) = after {
        query = query.filter(
            Condition::any()
                .add(task::Column::UpdatedAtMs.lt(updated))
                .add(
                    Condition::all()
                        .add(task::Column::UpdatedAtMs.eq(updated))
                        .add(task::Column::Id.lt(id)),
                ),
        );
    }
    Ok(query
        .order_by_desc(task::Column::UpdatedAtMs)
        .order_by_desc(task::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}
