use covergen_ids::{TaskId, UserId};
use covergen_proto::user::v1::{RefundQuotaRequest, Reservation};
use covergen_store::ClaimScope;

use super::App;
use super::quota::Movement;
use crate::api::encode;
use crate::error::Error;
use crate::store::entity::reservation::State;
use crate::store::quota;

const REFUND: &str = "covergen.user.v1.UserService/RefundQuota";

impl App {
    /// Gives used units back to the period they came from.
    pub(crate) async fn refund_quota(
        &self,
        user: UserId,
        task: TaskId,
        request: RefundQuotaRequest,
    ) -> Result<Reservation, Error> {
        let scope = ClaimScope::new(user.to_string(), REFUND, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                let mut row = quota::reservation(&tx, user, task)
                    .await?
                    .filter(|row| row.state == State::Committed)
                    .ok_or(Error::ReservationNotHeld("refund"))?;
                let most = row.units - row.refunded_units;
                if request.units > most {
                    return Err(Error::TooMany {
                        asked: request.units,
                        most,
                        verb: "refunded",
                    });
                }
                quota::shift(&tx, user, &row.period, -request.units, 0).await?;
                let movement = Movement {
                    user,
                    workspace: row.workspace_id,
                    period: &row.period,
                    task: Some(task),
                    name: "refund",
                    used: -request.units,
                    reserved: 0,
                };
                self.enter(&tx, &movement).await?;
                row.refunded_units += request.units;
                row.updated_at_ms = tx.now_ms();
                quota::save_reservation(&tx, row.clone()).await?;
                let answer = encode::reservation(&row, None);
                Ok(tx.commit_with(claim, answer).await?)
            })
            .await
    }
}
