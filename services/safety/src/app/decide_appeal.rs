use covergen_identity::Principal;
use covergen_ids::{AppealId, UserId};
use covergen_proto::safety::v1::appeal::State as WireState;
use covergen_proto::safety::v1::{Appeal, DecideAppealRequest};
use covergen_store::Tx;

use super::App;
use super::appeals::check_open;
use super::write_rule::scope;
use crate::api::encode;
use crate::error::Error;
use crate::events;
use crate::store::entity::appeal::{self, State};
use crate::store::entity::violation;
use crate::store::{Whose, appeals, blocked, rules, violations};

impl App {
    /// Decides an open appeal, as somebody who had no part in it.
    pub(crate) async fn decide_appeal(
        &self,
        caller: &Principal,
        id: AppealId,
        request: DecideAppealRequest,
    ) -> Result<Appeal, Error> {
        let reason = request.reason.trim().to_owned();
        if reason.is_empty() {
            return Err(Error::invalid("reason", "must hold more than spaces"));
        }
        let (state, stands) = match request.decision() {
            WireState::Upheld => (State::Upheld, violation::State::Upheld),
            WireState::Overturned => (State::Overturned, violation::State::Overturned),
            _ => return Err(Error::invalid("decision", "must be UPHELD or OVERTURNED")),
        };
        let scope = scope(caller, "DecideAppeal", &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                let mut row = appeals::hold(&tx, Whose::All, id)
                    .await?
                    .ok_or(Error::NotFound("appeal"))?;
                check_open(&row)?;
                let against = violations::find(&tx, Whose::All, row.violation_id)
                    .await?
                    .ok_or(Error::NotFound("violation"))?;
                check_independent(&tx, caller.user_id, &row, &against).await?;
                row.state = state;
                row.decision_reason = reason;
                row.decided_by = Some(caller.user_id);
                row.resolved_at_ms = Some(tx.now_ms());
                appeals::save(&tx, row.clone()).await?;
                violations::set_state(&tx, against.id, stands, Some(row.id)).await?;
                events::appeal_resolved(&tx, &row, &against).await?;
                let answer = encode::appeal(row, tx.now_ms(), true);
                Ok(tx.commit_with(claim, answer).await?)
            })
            .await
    }

    /// How many open appeals are past their time, for the dashboards.
    pub(crate) async fn overdue_appeals(&self) -> Result<u64, Error> {
        Ok(appeals::overdue(self.store.read(), self.clock.now_ms()).await?)
    }
}

/// Rules decide by themselves, so whoever wrote what matched has decided: it
/// is for somebody else to look at it again.
async fn check_independent(
    tx: &Tx,
    reviewer: UserId,
    appeal: &appeal::Model,
    against: &violation::Model,
) -> Result<(), Error> {
    if reviewer == appeal.user_id {
        return Err(Error::NotIndependent("it is your own appeal"));
    }
    let mut authors = Vec::new();
    if against.is_image {
        if let Ok(id) = against.rule_id.parse() {
            authors.extend(blocked::find(tx, id).await?.and_then(|row| row.author_id));
        }
    } else {
        // What a rollback brought back was written by two.
        let mut version = Some(against.rule_version);
        while let Some(number) = version {
            let row = rules::version(tx, &against.rule_id, Some(number)).await?;
            authors.extend(row.as_ref().and_then(|row| row.author_id));
            version = row.and_then(|row| row.restored_from);
        }
    }
    if authors.contains(&reviewer) {
        return Err(Error::NotIndependent("you wrote the rule it is about"));
    }
    Ok(())
}
