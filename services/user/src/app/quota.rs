use covergen_ids::{TaskId, UserId, WorkspaceId};
use covergen_proto::user::v1::{ConsumeQuotaRequest, Quota};
use covergen_store::{ClaimScope, Tx};

use super::App;
use super::acting::Acting;
use crate::api::encode;
use crate::domain::Period;
use crate::error::Error;
use crate::events;
use crate::store::entity::{ledger, period, tier};
use crate::store::{self, quota};

const CONSUME: &str = "covergen.user.v1.UserService/ConsumeQuota";

/// A balance as its owner sees it.
pub(crate) struct QuotaView {
    pub(crate) limit: i32,
    pub(crate) used: i32,
    pub(crate) reserved: i32,
    pub(crate) resets_at_ms: i64,
    pub(crate) tier: String,
}

/// One movement, for the ledger.
pub(crate) struct Movement<'a> {
    pub(crate) user: UserId,
    pub(crate) workspace: WorkspaceId,
    pub(crate) period: &'a str,
    pub(crate) task: Option<TaskId>,
    pub(crate) name: &'static str,
    pub(crate) used: i32,
    pub(crate) reserved: i32,
}

impl App {
    /// What is left of this month.
    pub(crate) async fn get_quota(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
    ) -> Result<QuotaView, Error> {
        let acting = self.acting(user, workspace).await?;
        let at = acting.period_at(self.clock.now_ms());
        let balance = quota::balance(self.store.read(), user, &at.name).await?;
        Ok(view(balance.as_ref(), &at, &acting.tier))
    }

    /// Takes units for good, without a reservation.
    pub(crate) async fn consume_quota(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
        request: ConsumeQuotaRequest,
    ) -> Result<Quota, Error> {
        let acting = self.acting(user, workspace).await?;
        let tier = &acting.tier;
        let scope = ClaimScope::new(user.to_string(), CONSUME, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin_for(user).await?;
                let at = acting.period_at(tx.now_ms());
                let workspace = acting.profile.workspace_id;
                quota::open_period(&tx, user, workspace, &at, tier.covers_per_month).await?;
                let column = period::Column::UsedUnits;
                if !quota::take(&tx, user, &at.name, request.units, column).await? {
                    let asked = request.units;
                    return Err(self.exhausted(tx, &acting, &at, asked).await?);
                }
                let movement = Movement {
                    user,
                    workspace,
                    period: &at.name,
                    task: None,
                    name: "consume",
                    used: request.units,
                    reserved: 0,
                };
                self.enter(&tx, &movement).await?;
                let balance = quota::balance(&tx, user, &at.name).await?;
                let answer = encode::quota(&view(balance.as_ref(), &at, tier));
                Ok(tx.commit_with(claim, answer).await?)
            })
            .await
    }

    /// Writes a movement into the ledger.
    pub(crate) async fn enter(&self, tx: &Tx, movement: &Movement<'_>) -> Result<(), Error> {
        let row = ledger::Model {
            id: self.clock.uuid_v7().simple().to_string(),
            user_id: movement.user,
            period: movement.period.to_owned(),
            workspace_id: movement.workspace,
            task_id: movement.task,
            movement: movement.name.to_owned(),
            used_delta: movement.used,
            reserved_delta: movement.reserved,
            at_ms: tx.now_ms(),
        };
        Ok(quota::insert_ledger(tx, row).await?)
    }

    /// The refusal of a request for more than is left, told once a period. It
    /// names the least tier under which the request would have been granted.
    pub(crate) async fn exhausted(
        &self,
        tx: Tx,
        acting: &Acting,
        at: &Period,
        asked: i32,
    ) -> Result<Error, Error> {
        let (profile, tier) = (&acting.profile, &acting.tier);
        let (user, workspace) = (profile.user_id, profile.workspace_id);
        let balance = quota::balance(&tx, user, &at.name).await?;
        let remaining = balance.as_ref().map_or(0, remaining);
        // Read before it is written: of many refusals one tells. What a test
        // used up is no news for a person.
        let is_told = acting.in_sandbox || balance.as_ref().is_some_and(|row| row.exhausted_told);
        if remaining == 0 && !is_told && quota::tell_exhausted(&tx, user, &at.name).await? {
            events::exhausted(&tx, user, workspace, at.ends_at_ms).await?;
        }
        let taken = balance.map_or(0, |row| row.used_units + row.reserved_units);
        let needed = taken.saturating_add(asked);
        let tiers = store::tiers(&tx).await?;
        let lifts = |other: &&tier::Model| {
            other.covers_per_month > tier.covers_per_month && other.covers_per_month >= needed
        };
        // No tier gives more in a sandbox.
        let upgrade = tiers
            .iter()
            .find(|other| !acting.in_sandbox && lifts(other))
            .map(|other| other.id.clone());
        tx.commit().await?;
        Ok(Error::QuotaExhausted {
            remaining,
            resets_at_ms: at.ends_at_ms,
            upgrade,
        })
    }
}

fn remaining(balance: &period::Model) -> i32 {
    (balance.limit_units - balance.used_units - balance.reserved_units).max(0)
}

fn view(balance: Option<&period::Model>, at: &Period, tier: &tier::Model) -> QuotaView {
    QuotaView {
        limit: balance.map_or(tier.covers_per_month, |balance| balance.limit_units),
        used: balance.map_or(0, |balance| balance.used_units),
        reserved: balance.map_or(0, |balance| balance.reserved_units),
        resets_at_ms: at.ends_at_ms,
        tier: tier.id.clone(),
    }
}
