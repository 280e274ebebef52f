use covergen_identity::Principal;
use covergen_ids::ViolationId;
use covergen_proto::safety::v1::StatementOfReasons;

use super::{App, reach};
use crate::api::encode;
use crate::domain::statement::{Stopped, explanation, facts};
use crate::error::Error;
use crate::store::entity::violation::State;
use crate::store::{appeals, violations};

impl App {
    /// Why a piece of work was stopped, and what can be done about it.
    pub(crate) async fn get_statement(
        &self,
        caller: &Principal,
        id: ViolationId,
    ) -> Result<StatementOfReasons, Error> {
        let db = self.store.read();
        let whose = reach(caller);
        let row = violations::find(db, whose, id)
            .await?
            .ok_or(Error::NotFound("violation"))?;
        let forbidden = self.forbidden(&row).await?;
        let is_overturned = row.state == State::Overturned;
        let appeal = match row.appeal_id {
            Some(appeal) => appeals::find(db, whose, appeal).await?,
            None => None,
        };
        let stopped = Stopped {
            subject: &row.subject,
            rule_id: &row.rule_id,
            rule_version: row.rule_version,
            description: &forbidden.description,
            region: &row.region,
            part_index: row.text_index,
            start: row.match_start,
            end: row.match_end,
            is_image: row.is_image,
            is_law: forbidden.is_law,
            ground_reference: &forbidden.ground_reference,
            is_overturned,
        };
        let (facts, explanation) = (facts(&stopped), explanation(&stopped));
        Ok(encode::statement(encode::Reasons {
            ends_at_ms: appeal
                .filter(|_| is_overturned)
                .and_then(|row| row.resolved_at_ms),
            appealable_until_ms: self.config.appealable_until_ms(row.created_at_ms),
            is_law: forbidden.is_law,
            ground_reference: forbidden.ground_reference.clone(),
            violation: row.clone(),
            facts,
            explanation,
        }))
    }
}
