use covergen_ids::{TaskId, UserId, WorkspaceId};
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

    /// Gives a reservation back for good, as far as an execution is concerned.
    /// Releasing nothing, or again, is no error; what was used already is.
    pub(crate) async fn release_quota(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
        task: TaskId,
        execution: i32,
    ) -> Result<Option<reservation::Model>, Error> {
        let known = self.release(user, task, execution).await?;
        if known.is_some() || execution == 0 {
            return Ok(known);
        }
        let barred = self.bar(user, workspace, task, execution).await?;
        if barred.is_some() {
            return Ok(barred);
        }
        // A confirmation came in between, or the task is somebody else's.
        self.release(user, task, execution).await
    }

    async fn release(
        &self,
        user: UserId,
        task: TaskId,
        execution: i32,
    ) -> Result<Option<reservation::Model>, Error> {
        let tx = self.store.begin().await?;
        let Some(mut known) = quota::reservation(&tx, user, task).await? else {
            return Ok(None);
        };
        if known.state == State::Committed {
            return Err(Error::ReservationNotHeld("release: it was used"));
        }
        // Of a former execution, about what is a later one's by now.
        let is_late = execution > 0 && execution < known.execution;
        if is_late {
            return Ok(Some(known));
        }
        let is_news = execution > known.execution;
        known.execution = known.execution.max(execution);
        if known.state.holds() {
            let released = self.settle(tx, known, State::Released, 0, "release");
            return released.await.map(Some);
        }
        if is_news {
            quota::save_reservation(&tx, known.clone()).await?;
            tx.commit().await?;
        }
        Ok(Some(known))
    }

    /// Writes down that an execution has released what was never set aside, so
    /// that a confirmation which is still on its way finds it. `None`: there is
    /// a reservation, or nobody to have one.
    async fn bar(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
        task: TaskId,
        execution: i32,
    ) -> Result<Option<reservation::Model>, Error> {
        let acting = match self.acting(user, workspace).await {
            // Nor can whoever left confirm anything.
            Err(Error::UserNotFound) => return Ok(None),
            acting => acting?,
        };
        let tx = self.store.begin().await?;
        if tx.is_departed(user).await? {
            return Ok(None);
        }
        let now = tx.now_ms();
        let row = reservation::Model {
            task_id: task,
            user_id: user,
            workspace_id: acting.profile.workspace_id,
            period: acting.period_at(now).name,
            state: State::Released,
            units: 0,
            refunded_units: 0,
            expires_at_ms: None,
            created_at_ms: now,
            updated_at_ms: now,
            execution,
        };
        if !quota::insert_reservation(&tx, row.clone()).await? {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(row))
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
