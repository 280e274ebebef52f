//! Bulks and their rows.
//!
//! Whoever writes locks the bulk first and then its rows, so that two never
//! wait for each other.

use covergen_identity::Principal;
use covergen_ids::{BulkId, TaskId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, FromQueryResult,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::bulk_row::State;
use super::entity::{bulk, bulk_row};

/// Rows written with one statement; each has eleven values, and SQLite takes
/// 32,766 of them.
const INSERT_ROWS: usize = 500;

/// How many rows stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) pending: i32,
    pub(crate) running: i32,
    pub(crate) succeeded: i32,
    pub(crate) failed: i32,
    pub(crate) cancelled: i32,
}

impl Counts {
    /// Rows that have ended.
    pub(crate) const fn ended(&self) -> i32 {
        self.succeeded + self.failed + self.cancelled
    }
}

pub(crate) async fn insert(
    tx: &Tx,
    row: bulk::Model,
    rows: Vec<bulk_row::Model>,
) -> Result<(), Error> {
    bulk::Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    let mut rest = rows
        .into_iter()
        .map(sea_orm::IntoActiveModel::into_active_model)
        .peekable();
    while rest.peek().is_some() {
        let some: Vec<bulk_row::ActiveModel> = rest.by_ref().take(INSERT_ROWS).collect();
        bulk_row::Entity::insert_many(some)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

pub(crate) async fn bulk(
    db: &impl ConnectionTrait,
    who: &Principal,
    id: BulkId,
) -> Result<Option<bulk::Model>, Error> {
    Ok(mine(who).filter(bulk::Column::Id.eq(id)).one(db).await?)
}

/// The caller's bulks, newest first, from after `(created, id)`.
pub(crate) async fn bulks(
    db: &impl ConnectionTrait,
    who: &Principal,
    after: Option<(i64, BulkId)>,
    limit: u64,
) -> Result<Vec<bulk::Model>, Error> {
    use bulk::Column;
    let mut query = mine(who);
    if let Some((created, id)) = after {
        query = query.filter(
            Condition::any().add(Column::CreatedAtMs.lt(created)).add(
                Condition::all()
                    .add(Column::CreatedAtMs.eq(created))
                    .add(Column::Id.lt(id)),
            ),
        );
    }
    Ok(query
        .order_by_desc(Column::CreatedAtMs)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// How many bulks of the caller's are not over.
pub(crate) async fn open_of(db: &impl ConnectionTrait, who: &Principal) -> Result<u64, Error> {
    use sea_orm::PaginatorTrait as _;
    let query = bulk::Entity::find()
        .filter(bulk::Column::UserId.eq(who.user_id))
        .filter(bulk::Column::IsOpen.eq(true));
    Ok(query.count(db).await?)
}

#[derive(FromQueryResult)]
struct Counted {
    bulk_id: BulkId,
    state: State,
    rows: i64,
}

/// How many rows of each bulk stand where. The bulks were found for somebody
/// before, or are the worker's.
pub(crate) async fn counts(
    db: &impl ConnectionTrait,
    bulks: &[BulkId],
) -> Result<std::collections::HashMap<BulkId, Counts>, Error> {
    let mut counts = std::collections::HashMap::new();
    if bulks.is_empty() {
        return Ok(counts);
    }
    let counted: Vec<Counted> = bulk_row::Entity::find()
        .select_only()
        .column(bulk_row::Column::BulkId)
        .column(bulk_row::Column::State)
        .column_as(bulk_row::Column::RowNumber.count(), "rows")
        .filter(bulk_row::Column::BulkId.is_in(bulks.iter().copied()))
        .group_by(bulk_row::Column::BulkId)
        .group_by(bulk_row::Column::State)
        .into_model()
        .all(db)
        .await?;
    for Counted {
        bulk_id,
        state,
        rows,
    } in counted
    {
        let counts: &mut Counts = counts.entry(bulk_id).or_default();
        *match state {
            State::Pending => &mut counts.pending,
            State::Running => &mut counts.running,
            State::Succeeded => &mut counts.succeeded,
            State::Failed => &mut counts.failed,
            State::Cancelled => &mut counts.cancelled,
        } = i32::try_from(rows).unwrap_or(i32::MAX);
    }
    Ok(counts)
}

/// Rows of a bulk that was found for somebody before, by number.
pub(crate) async fn rows(
    db: &impl ConnectionTrait,
    id: BulkId,
    state: Option<State>,
    after: i32,
    limit: u64,
) -> Result<Vec<bulk_row::Model>, Error> {
    use bulk_row::Column;
    let mut query = bulk_row::Entity::find()
        .filter(Column::BulkId.eq(id))
        .filter(Column::RowNumber.gt(after));
    if let Some(state) = state {
        query = query.filter(Column::State.eq(state));
    }
    Ok(query
        .order_by_asc(Column::RowNumber)
        .limit(limit)
        .all(db)
        .await?)
}

/// Bulks that may have work, of anybody: for the worker.
pub(crate) async fn open(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<bulk::Model>, Error> {
    Ok(bulk::Entity::find()
        .filter(bulk::Column::IsOpen.eq(true))
        .order_by_asc(bulk::Column::CreatedAtMs)
        .limit(limit)
        .all(db)
        .await?)
}

/// Takes or renews the right to hand a bulk's rows to the queue. It only saves
/// work: two who hand out the same row are told apart by its state.
pub(crate) async fn lease(tx: &Tx, id: BulkId, owner: &str, lease_ms: i64) -> Result<bool, Error> {
    use bulk::Column;
    let now = tx.lease_now_ms();
    let leased = bulk::Entity::update_many()
        .col_expr(Column::LeaseOwner, Expr::value(owner))
        .col_expr(Column::LeaseUntilMs, Expr::value(now + lease_ms))
        .filter(Column::Id.eq(id))
        .filter(
            Condition::any()
                .add(Column::LeaseOwner.eq(owner))
                .add(Column::LeaseUntilMs.lte(now)),
        )
        .exec(tx)
        .await?;
    Ok(leased.rows_affected == 1)
}

/// Counts a change of a bulk or one of its rows; locks the bulk.
pub(crate) async fn touch(tx: &Tx, id: BulkId) -> Result<(), Error> {
    bulk::Entity::update_many()
        .col_expr(
            bulk::Column::Version,
            Expr::col(bulk::Column::Version).add(1),
        )
        .filter(bulk::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Marks a bulk that is open as cancelled, and counts the change; `false` where
/// it has ended meanwhile. It stays open until the rows at work have ended.
pub(crate) async fn cancel(tx: &Tx, id: BulkId) -> Result<bool, Error> {
    use bulk::Column;
    let cancelled = bulk::Entity::update_many()
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::IsCancelled, Expr::value(true))
        .filter(Column::Id.eq(id))
        .filter(Column::IsOpen.eq(true))
        .exec(tx)
        .await?;
    Ok(cancelled.rows_affected == 1)
}

/// Opens or ends a bulk, and counts the change.
pub(crate) async fn set_open(
    tx: &Tx,
    id: BulkId,
    is_open: bool,
    is_cancelled: Option<bool>,
) -> Result<bool, Error> {
    use bulk::Column;
    let ended = if is_open { None } else { Some(tx.now_ms()) };
    let mut change = bulk::Entity::update_many()
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::IsOpen, Expr::value(is_open))
        .col_expr(Column::EndedAtMs, Expr::value(ended))
        .filter(Column::Id.eq(id));
    if let Some(is_cancelled) = is_cancelled {
        change = change.col_expr(Column::IsCancelled, Expr::value(is_cancelled));
    } else {
        change = change.filter(Column::IsOpen.ne(is_open));
    }
    Ok(change.exec(tx).await?.rows_affected == 1)
}

/// Marks a waiting row as being made by a task; `false` where it does not wait
/// any more, or waits for another try.
pub(crate) async fn start_row(tx: &Tx, row: &bulk_row::Model, task: TaskId) -> Result<bool, Error> {
    use bulk_row::Column;
    let started = bulk_row::Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Running))
        .col_expr(Column::TaskId, Expr::value(task))
        .filter(Column::BulkId.eq(row.bulk_id))
        .filter(Column::RowNumber.eq(row.row_number))
        .filter(Column::Attempt.eq(row.attempt))
        .filter(Column::State.eq(State::Pending))
        .exec(tx)
        .await?;
    Ok(started.rows_affected == 1)
}

/// Which rows a change is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    /// The row that a task makes.
    Task(TaskId, i32),
    /// A row that waits.
    Waiting(i32),
    /// All rows that wait.
    AllWaiting,
}

/// Ends rows and says why.
pub(crate) async fn end_rows(
    tx: &Tx,
    id: BulkId,
    which: Which,
    state: State,
    error: Option<(&str, &str)>,
) -> Result<u64, Error> {
    use bulk_row::Column;
    let (reason, message) = error.unzip();
    let change = bulk_row::Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::ErrorReason, Expr::value(reason.map(str::to_owned)))
        .col_expr(
            Column::ErrorMessage,
            Expr::value(message.map(str::to_owned)),
        )
        .filter(Column::BulkId.eq(id));
    let change = match which {
        Which::Task(task, row) => change
            .filter(Column::RowNumber.eq(row))
            .filter(Column::TaskId.eq(task)),
        Which::Waiting(row) => change
            .filter(Column::RowNumber.eq(row))
            .filter(Column::State.eq(State::Pending)),
        Which::AllWaiting => change.filter(Column::State.eq(State::Pending)),
    };
    Ok(change.exec(tx).await?.rows_affected)
}

/// Counts that a row could not be handed out.
pub(crate) async fn delay_row(tx: &Tx, row: &bulk_row::Model) -> Result<(), Error> {
    use bulk_row::Column;
    bulk_row::Entity::update_many()
        .col_expr(Column::Delays, Expr::col(Column::Delays).add(1))
        .filter(Column::BulkId.eq(row.bulk_id))
        .filter(Column::RowNumber.eq(row.row_number))
        .filter(Column::State.eq(State::Pending))
        .exec(tx)
        .await?;
    Ok(())
}

/// Lets failed rows wait again, each for another task; answers how many.
pub(crate) async fn retry_failed(tx: &Tx, id: BulkId) -> Result<u64, Error> {
    use bulk_row::Column;
    let nothing: Option<String> = None;
    let retried = bulk_row::Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Pending))
        .col_expr(Column::Attempt, Expr::col(Column::Attempt).add(1))
        .col_expr(Column::Delays, Expr::value(0))
        .col_expr(Column::TaskId, Expr::value(nothing.clone()))
        .col_expr(Column::ErrorReason, Expr::value(nothing.clone()))
        .col_expr(Column::ErrorMessage, Expr::value(nothing))
        .filter(Column::BulkId.eq(id))
        .filter(Column::State.eq(State::Failed))
        .exec(tx)
        .await?;
    Ok(retried.rows_affected)
}

fn mine(who: &Principal) -> sea_orm::Select<bulk::Entity> {
    bulk::Entity::find()
        .filter(bulk::Column::WorkspaceId.eq(who.workspace_id))
        .filter(bulk::Column::UserId.eq(who.user_id))
}
