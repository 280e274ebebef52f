use covergen_ids::{TaskId, UserId};
use covergen_store::Tx;

use super::App;
use super::quota::Movement;
use crate::error::Error;
use crate::store::entity::reservation::{self, State};
use crate::store::quota;

impl App {
    /// Turns a reservation into use; less than was reserved gives the rest
    /// back. Committing again answers as the first time.
    pub(crate) async fn commit_quota(
        &self,
        user: UserId,
        task: TaskId,
        units: i32,
    ) -> Result<reservation::Model, Error> {
        let tx = self.store.begin().await?;
        let known = quota::reservation(&tx, user, task)
            .await?
            .ok_or(Error::ReservationNotHeld("commit"))?;
        if known.state == State::Committed {
            return Ok(known);
        }
        if !known.state.holds() {
            return Err(Error::ReservationNotHeld("commit"));
        }
        if units > known.units {
            return Err(Error::TooMany {
                asked: units,
                most: known.units,
                verb: "committed",
            });
        }
        self.settle(tx, known, State::Committed, units, "commit")
            .await
    }

    /// Gives a reservation back. Releasing nothing, or again, is no error; what
    /// was used already is.
    pub(crate) async fn release_quota(
        &self,
        user: UserId,
        task: TaskId,
    ) -> Result<Option<reservation::Model>, Error> {
        let tx = self.store.begin().await?;
        match quota::reservation(&tx, user, task).await? {
            Some(known) if known.state.holds() => self
                .settle(tx, known, State::Released, 0, "release")
                .await
                .map(Some),
            Some(known) if known.state == State::Committed => {
                Err(Error::ReservationNotHeld("release: it was used"))
            }
            other => Ok(other),
        }
    }

    /// Ends a held reservation: `used` of its units are used, the rest is free.
    pub(crate) async fn settle(
        &self,
        tx: Tx,
        held: reservation::Model,
        state: State,
        used: i32,
        name: &'static str,
    ) -> Result<reservation::Model, Error> {
        let reserved = -held.units;
        quota::shift(&tx, held.user_id, &held.period, used, reserved).await?;
        let movement = Movement {
            user: held.user_id,
            workspace: held.workspace_id,
            period: &held.period,
            task: Some(held.task_id),
            name,
            used,
            reserved,
        };
        self.enter(&tx, &movement).await?;
        let mut row = held.clone();
        row.state = state;
        row.expires_at_ms = None;
        row.updated_at_ms = tx.now_ms();
        if state == State::Committed {
            row.units = used;
        }
        quota::save_reservation(&tx, row.clone()).await?;
        tx.commit().await?;
        Ok(row)
    }
}
