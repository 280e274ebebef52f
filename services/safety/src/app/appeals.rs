use covergen_identity::Principal;
use covergen_ids::{AppealId, ViolationId};
use covergen_proto::safety::v1::appeal::State as WireState;
use covergen_proto::safety::v1::{
    Appeal, CreateAppealRequest, ListAppealsRequest, WithdrawAppealRequest,
};
use covergen_store::{Cursor, Page, page_size};

use super::write_rule::scope;
use super::{App, asked_for, own, reach};
use crate::api::encode;
use crate::error::Error;
use crate::events;
use crate::store::appeals::{self, From};
use crate::store::entity::appeal::{self, State};
use crate::store::entity::violation;
use crate::store::violations;

const NEWEST: &str = "safety.appeals";
const DUE: &str = "safety.appeals.due";

impl App {
    /// Appeals against a violation of one's own, once.
    pub(crate) async fn create_appeal(
        &self,
        caller: &Principal,
        id: ViolationId,
        request: CreateAppealRequest,
    ) -> Result<Appeal, Error> {
        let reason = request.reason.trim().to_owned();
        if reason.is_empty() {
            return Err(Error::invalid("reason", "must hold more than spaces"));
        }
        let scope = scope(caller, "CreateAppeal", &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                let against = violations::find(&tx, own(caller), id)
                    .await?
                    .ok_or(Error::NotFound("violation"))?;
                if tx.now_ms() > self.config.appealable_until_ms(against.created_at_ms) {
                    let why = "the time to appeal against this is over";
                    return Err(Error::State("APPEAL_TOO_LATE", why));
                }
                let row = appeal::Model {
                    id: AppealId::new(&self.clock),
                    workspace_id: against.workspace_id,
                    user_id: against.user_id,
                    violation_id: id,
                    rule_id: against.rule_id,
                    category: against.category,
                    reason,
                    state: State::Open,
                    due_at_ms: self.config.due_at_ms(tx.now_ms()),
                    decision_reason: String::new(),
                    decided_by: None,
                    resolved_at_ms: None,
                    created_at_ms: tx.now_ms(),
                };
                let inserted = appeals::insert(&tx, row.clone()).await;
                inserted.map_err(|error| {
                    if error.is_unique("appeals", "violation_id") {
                        Error::Exists("there is an appeal against this violation")
                    } else {
                        error.into()
                    }
                })?;
                let state = violation::State::Appealed;
                violations::set_state(&tx, id, state, Some(row.id)).await?;
                let answer = encode::appeal(row, tx.now_ms(), false);
                Ok(tx.commit_with(claim, answer).await?)
            })
            .await
    }

    /// Appeals: the caller's, or for moderators everybody's; with the time it
    /// is, which says what is overdue.
    pub(crate) async fn list_appeals(
        &self,
        caller: &Principal,
        request: &ListAppealsRequest,
    ) -> Result<(Page<appeal::Model>, i64), Error> {
        let whose = asked_for(caller, &request.user_id)?;
        let size = page_size(request.page_size);
        let state = match request.state() {
            WireState::Unspecified => None,
            WireState::Open => Some(State::Open),
            WireState::Upheld => Some(State::Upheld),
            WireState::Overturned => Some(State::Overturned),
            WireState::Withdrawn => Some(State::Withdrawn),
        };
        let db = self.store.read();
        let token = &request.page_token;
        let page = if state == Some(State::Open) {
            let from = Cursor::decode::<(i64, AppealId)>(DUE, token)?
                .map_or(From::Start, |(at_ms, id)| From::Due(at_ms, id));
            let rows = appeals::list(db, whose, state, from, size + 1).await?;
            Page::cut(rows, size, DUE, |row: &appeal::Model| {
                (row.due_at_ms, row.id)
            })
        } else {
            let from = Cursor::decode::<AppealId>(NEWEST, token)?.map_or(From::Start, From::Before);
            let rows = appeals::list(db, whose, state, from, size + 1).await?;
            Page::cut(rows, size, NEWEST, |row: &appeal::Model| row.id)
        };
        Ok((page, self.clock.now_ms()))
    }

    /// One appeal, if the caller sees it; with the time it is.
    pub(crate) async fn get_appeal(
        &self,
        caller: &Principal,
        id: AppealId,
    ) -> Result<(appeal::Model, i64), Error> {
        let row = appeals::find(self.store.read(), reach(caller), id)
            .await?
            .ok_or(Error::NotFound("appeal"))?;
        Ok((row, self.clock.now_ms()))
    }

    /// Takes an open appeal back.
    pub(crate) async fn withdraw_appeal(
        &self,
        caller: &Principal,
        id: AppealId,
        request: WithdrawAppealRequest,
    ) -> Result<Appeal, Error> {
        let scope = scope(caller, "WithdrawAppeal", &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                let mut row = appeals::hold(&tx, own(caller), id)
                    .await?
                    .ok_or(Error::NotFound("appeal"))?;
                check_open(&row)?;
                row.state = State::Withdrawn;
                row.resolved_at_ms = Some(tx.now_ms());
                appeals::save(&tx, row.clone()).await?;
                let state = violation::State::Standing;
                violations::set_state(&tx, row.violation_id, state, Some(row.id)).await?;
                let against = violations::find(&tx, own(caller), row.violation_id)
                    .await?
                    .ok_or(Error::NotFound("violation"))?;
                events::appeal_resolved(&tx, &row, &against).await?;
                let answer = encode::appeal(row, tx.now_ms(), false);
                Ok(tx.commit_with(claim, answer).await?)
            })
            .await
    }
}

/// An appeal is decided or taken back once.
pub(super) fn check_open(row: &appeal::Model) -> Result<(), Error> {
    if row.state == State::Open {
        Ok(())
    } else {
        let why = "this appeal is not open any more";
        Err(Error::State("APPEAL_CLOSED", why))
    }
}
