use covergen_ids::{TaskId, UserId, WorkspaceId};

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
    /// Kept until committed or released, rather than for a term.
    confirmed: bool,
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
        let wanted = Wanted {
            task,
            units,
            confirmed: false,
        };
        self.reserve(user, workspace, wanted).await
    }

    /// Keeps a reservation beyond its term, and makes it anew where it lapsed.
    pub(crate) async fn confirm_reservation(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
        task: TaskId,
        units: i32,
    ) -> Result<(reservation::Model, tier::Model), Error> {
        let wanted = Wanted {
            task,
            units,
            confirmed: true,
        };
        self.reserve(user, workspace, wanted).await
    }

    async fn reserve(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
        wanted: Wanted,
    ) -> Result<(reservation::Model, tier::Model), Error> {
        let acting = self.acting(user, workspace).await?;
        let tier = acting.tier.clone();
        let tx = self.store.begin().await?;
        let known = quota::reservation(&tx, user, wanted.task).await?;
        let reservation = match known {
            Some(known) if known.state == State::Committed => known,
            Some(known) if known.state.holds() => {
                if !wanted.confirmed || known.state == State::Confirmed {
                    return Ok((known, tier));
                }
                let mut row = known;
                row.state = State::Confirmed;
                row.expires_at_ms = None;
                row.updated_at_ms = tx.now_ms();
                quota::save_reservation(&tx, row.clone()).await?;
                row
            }
            // Lapsed or released: a plain reserve says so, a confirm tries anew.
            Some(known) if !wanted.confirmed => return Ok((known, tier)),
            lapsed => return self.take_anew(tx, acting, lapsed, wanted).await,
        };
        tx.commit().await?;
        Ok((reservation, tier))
    }

    async fn take_anew(
        &self,
        tx: covergen_store::Tx,
        acting: Acting,
        lapsed: Option<reservation::Model>,
        wanted: Wanted,
    ) -> Result<(reservation::Model, tier::Model), Error> {
        let (user, workspace) = (acting.profile.user_id, acting.profile.workspace_id);
        let (now, at) = (tx.now_ms(), acting.period_at(tx.now_ms()));
        let limit_units = acting.tier.covers_per_month;
        quota::open_period(&tx, user, workspace, &at, limit_units).await?;
        let column = period::Column::ReservedUnits;
        if !quota::take(&tx, user, &at.name, wanted.units, column).await? {
            return Err(self.exhausted(tx, &acting, &at, wanted.units).await?);
        }
        let tier = acting.tier;
        let row = reservation::Model {
            task_id: wanted.task,
            user_id: user,
            workspace_id: workspace,
            period: at.name.clone(),
            state: if wanted.confirmed {
                State::Confirmed
            } else {
                State::Held
            },
            units: wanted.units,
            refunded_units: 0,
            expires_at_ms: (!wanted.confirmed)
                .then(|| tx.lease_now_ms() + self.config.reservation_ttl_ms),
            created_at_ms: lapsed.as_ref().map_or(now, |lapsed| lapsed.created_at_ms),
            updated_at_ms: now,
        };
        if lapsed.is_some() {
            quota::save_reservation(&tx, row.clone()).await?;
        } else if !quota::insert_reservation(&tx, row.clone()).await? {
            // Two calls for one task met: the other one's reservation stands,
            // and what this one took goes back with the rollback.
            tx.rollback().await?;
            let tx = self.store.begin().await?;
            let stands = quota::reservation(&tx, user, wanted.task).await?;
            return stands
                .map(|stands| (stands, tier))
                .ok_or(Error::ReservationNotHeld(
                    "another user's task id was used to reserve",
                ));
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
        Ok((row, tier))
    }
}
