use covergen_ids::{TaskId, UserId, WorkspaceId};
use covergen_store::Tx;

use super::App;
use super::acting::Acting;
use super::quota::Movement;
use crate::error::Error;
use crate::store::entity::reservation::{self, State};
use crate::store::entity::{period, tier};
use crate::store::quota;

/// What a reservation is made for.
#[derive(Clone, Copy)]
struct Wanted {
    task: TaskId,
    units: i32,
    /// The execution that keeps it until it is committed or released; none
    /// keeps it for a term only.
    by: Option<i32>,
}

impl App {
    /// Sets units aside for a task, for a term. The same task answers with the
    /// same reservation.
    pub(crate) async fn reserve_quota(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
        task: TaskId,
        units: i32,
    ) -> Result<(reservation::Model, tier::Model), Error> {
        let by = None;
        self.reserve(user, workspace, Wanted { task, units, by })
            .await
    }

    /// Keeps a reservation beyond its term, and makes it anew where it lapsed
    /// or a former execution released it. What this execution has released
    /// stays so: nobody would release it again.
    pub(crate) async fn confirm_reservation(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
        task: TaskId,
        units: i32,
        execution: i32,
    ) -> Result<(reservation::Model, tier::Model), Error> {
        let by = Some(execution);
        self.reserve(user, workspace, Wanted { task, units, by })
            .await
    }

    async fn reserve(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
        wanted: Wanted,
    ) -> Result<(reservation::Model, tier::Model), Error> {
        let acting = self.acting(user, workspace).await?;
        loop {
            let tx = self.store.begin_for(user).await?;
            let known = quota::reservation(&tx, user, wanted.task).await?;
            let reservation = match (known, wanted.by) {
                (Some(known), _) if known.state == State::Committed => known,
                (Some(known), Some(by)) if known.is_over_for(by) => {
                    return Err(Error::ReservationNotHeld("confirm: it was released"));
                }
                (Some(known), Some(by)) if known.state.holds() => keep(tx, known, by).await?,
                // Lapsed or released: a plain reserve says so.
                (Some(known), None) => known,
                (gone, _) => {
                    let Some(taken) = self.take_anew(tx, &acting, gone, wanted).await? else {
                        continue;
                    };
                    taken
                }
            };
            return Ok((reservation, acting.tier));
        }
    }

    /// Takes units that are not set aside yet, or not any more; `None` where
    /// another call for the same task was faster, and must be looked at.
    async fn take_anew(
        &self,
        tx: Tx,
        acting: &Acting,
        gone: Option<reservation::Model>,
        wanted: Wanted,
    ) -> Result<Option<reservation::Model>, Error> {
        let (user, workspace) = (acting.profile.user_id, acting.profile.workspace_id);
        let (now, at) = (tx.now_ms(), acting.period_at(tx.now_ms()));
        let limit_units = acting.tier.covers_per_month;
        quota::open_period(&tx, user, workspace, &at, limit_units).await?;
        let column = period::Column::ReservedUnits;
        if !quota::take(&tx, user, &at.name, wanted.units, column).await? {
            return Err(self.exhausted(tx, acting, &at, wanted.units).await?);
        }
        let until = tx.lease_now_ms() + self.config.reservation_ttl_ms;
        let row = reservation::Model {
            task_id: wanted.task,
            user_id: user,
            workspace_id: workspace,
            period: at.name.clone(),
            state: wanted.by.map_or(State::Held, |_| State::Confirmed),
            units: wanted.units,
            refunded_units: 0,
            expires_at_ms: wanted.by.is_none().then_some(until),
            created_at_ms: gone.as_ref().map_or(now, |gone| gone.created_at_ms),
            updated_at_ms: now,
            execution: wanted
                .by
                .max(gone.as_ref().map(|gone| gone.execution))
                .unwrap_or(0),
        };
        if gone.is_some() {
            quota::save_reservation(&tx, row.clone()).await?;
        } else if !quota::insert_reservation(&tx, row.clone()).await? {
            // What this call took goes back with the rollback.
            tx.rollback().await?;
            let tx = self.store.begin().await?;
            let stands = quota::reservation(&tx, user, wanted.task).await?;
            return match stands {
                Some(_) => Ok(None),
                None => Err(Error::ReservationNotHeld(
                    "another user's task id was used to reserve",
                )),
            };
        }
        let movement = Movement {
            user,
            workspace,
            period: &at.name,
            task: Some(wanted.task),
            name: "reserve",
            used: 0,
            reserved: wanted.units,
        };
        self.enter(&tx, &movement).await?;
        tx.commit().await?;
        Ok(Some(row))
    }
}

/// Keeps what is set aside until it is committed or released.
async fn keep(tx: Tx, held: reservation::Model, by: i32) -> Result<reservation::Model, Error> {
    if held.state == State::Confirmed && by <= held.execution {
        return Ok(held);
    }
    let row = reservation::Model {
        state: State::Confirmed,
        expires_at_ms: None,
        updated_at_ms: tx.now_ms(),
        execution: by.max(held.execution),
        ..held
    };
    quota::save_reservation(&tx, row.clone()).await?;
    tx.commit().await?;
    Ok(row)
}
