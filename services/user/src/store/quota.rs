//! Balances, reservations, the ledger.

use covergen_ids::{TaskId, UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbBackend, EntityTrait as _,
    FromQueryResult, IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Statement,
};

use super::entity::{ledger, period, reservation};
use crate::domain::Period;

pub(crate) async fn balance(
    db: &impl ConnectionTrait,
    user: UserId,
    name: &str,
) -> Result<Option<period::Model>, Error> {
    Ok(period::Entity::find_by_id((user, name.to_owned()))
        .one(db)
        .await?)
}

/// Opens a user's balance for a period, unless it is open.
pub(crate) async fn open_period(
    tx: &Tx,
    user: UserId,
    workspace: WorkspaceId,
    at: &Period,
    limit_units: i32,
) -> Result<(), Error> {
    let row = period::Model {
        user_id: user,
        period: at.name.clone(),
        workspace_id: workspace,
        limit_units,
        ceiling_units: limit_units,
        used_units: 0,
        reserved_units: 0,
        exhausted_told: false,
    };
    period::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::columns([period::Column::UserId, period::Column::Period])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Takes units if they are left: one statement checks and takes, so no number
/// of racers gets more than there is.
pub(crate) async fn take(
    tx: &Tx,
    user: UserId,
    name: &str,
    units: i32,
    column: period::Column,
) -> Result<bool, Error> {
    let taken = period::Entity::update_many()
        .col_expr(column, Expr::col(column).add(units))
        .filter(period::Column::UserId.eq(user))
        .filter(period::Column::Period.eq(name))
        .filter(
            Expr::col(period::Column::UsedUnits)
                .add(Expr::col(period::Column::ReservedUnits))
                .add(units)
                .lte(Expr::col(period::Column::LimitUnits)),
        )
        .exec(tx)
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Moves units between reserved and used, or gives them back.
pub(crate) async fn shift(
    tx: &Tx,
    user: UserId,
    name: &str,
    used_delta: i32,
    reserved_delta: i32,
) -> Result<(), Error> {
    period::Entity::update_many()
        .col_expr(
            period::Column::UsedUnits,
            Expr::col(period::Column::UsedUnits).add(used_delta),
        )
        .col_expr(
            period::Column::ReservedUnits,
            Expr::col(period::Column::ReservedUnits).add(reserved_delta),
        )
        .filter(period::Column::UserId.eq(user))
        .filter(period::Column::Period.eq(name))
        .exec(tx)
        .await?;
    Ok(())
}

/// Sets the limit of a period; its ceiling only rises.
pub(crate) async fn set_limit(
    tx: &Tx,
    user: UserId,
    name: &str,
    limit_units: i32,
) -> Result<(), Error> {
    let higher = Expr::case(
        Expr::col(period::Column::CeilingUnits).lt(limit_units),
        Expr::value(limit_units),
    )
    .finally(Expr::col(period::Column::CeilingUnits));
    period::Entity::update_many()
        .col_expr(period::Column::LimitUnits, Expr::value(limit_units))
        .col_expr(period::Column::CeilingUnits, higher.into())
        .col_expr(period::Column::ExhaustedTold, Expr::value(false))
        .filter(period::Column::UserId.eq(user))
        .filter(period::Column::Period.eq(name))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that the period's end of quota was told; `true` the first time.
pub(crate) async fn tell_exhausted(tx: &Tx, user: UserId, name: &str) -> Result<bool, Error> {
    let told = period::Entity::update_many()
        .col_expr(period::Column::ExhaustedTold, Expr::value(true))
        .filter(period::Column::UserId.eq(user))
        .filter(period::Column::Period.eq(name))
        .filter(period::Column::ExhaustedTold.eq(false))
        .exec(tx)
        .await?;
    Ok(told.rows_affected == 1)
}

/// A task's reservation, locked until the transaction ends. Only its owner's.
pub(crate) async fn reservation(
    tx: &Tx,
    user: UserId,
    task: TaskId,
) -> Result<Option<reservation::Model>, Error> {
    let query = reservation::Entity::find_by_id(task).filter(reservation::Column::UserId.eq(user));
    let query = match tx.get_database_backend() {
        DbBackend::Postgres => query.lock_exclusive(),
        _ => query,
    };
    Ok(query.one(tx).await?)
}

/// Inserts a reservation, unless its task has one; `false` then.
pub(crate) async fn insert_reservation(tx: &Tx, row: reservation::Model) -> Result<bool, Error> {
    let inserted = reservation::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(reservation::Column::TaskId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(inserted == 1)
}

pub(crate) async fn save_reservation(tx: &Tx, row: reservation::Model) -> Result<(), Error> {
    reservation::Entity::update(row.into_active_model().reset_all())
        .exec(tx)
        .await?;
    Ok(())
}

/// Starts the term of every held reservation anew, on SQLite: terms are
/// measured in monotonic time, which means nothing across a restart.
pub(crate) async fn renew_terms(tx: &Tx, expires_at_ms: i64) -> Result<(), Error> {
    if tx.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    reservation::Entity::update_many()
        .col_expr(reservation::Column::ExpiresAtMs, Expr::value(expires_at_ms))
        .filter(reservation::Column::State.eq(reservation::State::Held))
        .exec(tx)
        .await?;
    Ok(())
}

/// Movements of a user after one, oldest first.
pub(crate) async fn movements(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<String>,
    limit: u64,
) -> Result<Vec<ledger::Model>, Error> {
    let mut query = ledger::Entity::find()
        .filter(ledger::Column::UserId.eq(user))
        .order_by_asc(ledger::Column::Id);
    if let Some(after) = after {
        query = query.filter(ledger::Column::Id.gt(after));
    }
    Ok(query.limit(limit).all(db).await?)
}

/// Reservations whose term is over.
pub(crate) async fn lapsed(
    db: &impl ConnectionTrait,
    lease_now_ms: i64,
    limit: u64,
) -> Result<Vec<reservation::Model>, Error> {
    Ok(reservation::Entity::find()
        .filter(reservation::Column::State.eq(reservation::State::Held))
        .filter(reservation::Column::ExpiresAtMs.lt(lease_now_ms))
        .order_by_asc(reservation::Column::ExpiresAtMs)
        .limit(limit)
        .all(db)
        .await?)
}

pub(crate) async fn insert_ledger(tx: &Tx, row: ledger::Model) -> Result<(), Error> {
    ledger::Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// A balance and the sum of its ledger, where the two differ.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
#[allow(dead_code, reason = "printed for the operator")]
pub(crate) struct Mismatch {
    pub(crate) user_id: UserId,
    pub(crate) period: String,
    pub(crate) used_units: i64,
    pub(crate) reserved_units: i64,
    pub(crate) ledger_used: i64,
    pub(crate) ledger_reserved: i64,
}

/// Balances are compared for so many people at a time: all of them would take
/// longer than a statement may.
const PEOPLE: i64 = 500;

/// The last of the next people who have a balance.
const NEXT_PEOPLE: &str = "
    SELECT MAX(user_id) AS user_id FROM (
        SELECT DISTINCT user_id FROM quota_periods
        WHERE user_id > $1 ORDER BY user_id LIMIT $2
    ) AS people";

/// Both sides in one statement, so that they are of one snapshot on both
/// engines: a movement in between is no mismatch.
const MISMATCHES: &str = "
    SELECT p.user_id, p.period,
           CAST(p.used_units AS BIGINT) AS used_units,
           CAST(p.reserved_units AS BIGINT) AS reserved_units,
           CAST(COALESCE(l.used, 0) AS BIGINT) AS ledger_used,
           CAST(COALESCE(l.reserved, 0) AS BIGINT) AS ledger_reserved
    FROM quota_periods p
    LEFT JOIN (
        SELECT user_id, period, SUM(used_delta) AS used, SUM(reserved_delta) AS reserved
        FROM quota_ledger WHERE user_id > $1 AND user_id <= $2 GROUP BY user_id, period
    ) l ON l.user_id = p.user_id AND l.period = p.period
    WHERE p.user_id > $1 AND p.user_id <= $2
      AND (p.used_units <> COALESCE(l.used, 0) OR p.reserved_units <> COALESCE(l.reserved, 0))
    ORDER BY p.user_id, p.period
    LIMIT 100";

/// One mismatch is an alarm, so a hundred will do.
const ENOUGH: usize = 100;

/// Compares balances with their ledger, until enough are known to differ.
pub(crate) async fn mismatches(db: &impl ConnectionTrait) -> Result<Vec<Mismatch>, Error> {
    let backend = db.get_database_backend();
    let (mut wrong, mut after) = (Vec::new(), String::new());
    while wrong.len() < ENOUGH {
        let values = [after.as_str().into(), PEOPLE.into()];
        let next = Statement::from_sql_and_values(backend, NEXT_PEOPLE, values);
        let last = db.query_one_raw(next).await?;
        let last: Option<String> = last.map_or(Ok(None), |row| row.try_get("", "user_id"))?;
        let Some(last) = last else { break };
        let values = [after.as_str().into(), last.as_str().into()];
        let compare = Statement::from_sql_and_values(backend, MISMATCHES, values);
        wrong.extend(Mismatch::find_by_statement(compare).all(db).await?);
        after = last;
    }
    Ok(wrong)
}
