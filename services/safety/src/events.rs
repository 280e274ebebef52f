//! What safety emits and hears.

use std::sync::Arc;

use covergen_chassis::{Event, HandlerError, Subscription};
use covergen_ids::{UserId, WorkspaceId};
use covergen_proto::safety::v1::{AppealResolved, ContentBlocked, RulesChanged};
use covergen_proto::user::v1::UserDeleted;
use covergen_store::{Error, EventDraft, Tx};

use crate::app::App;
use crate::store::entity::appeal::{self, State};
use crate::store::entity::violation;

/// What the rules are called among the things that events are about.
const RULES: &str = "rules";

/// Somebody left: what is theirs goes. Doing it again changes nothing, so no
/// inbox row is needed.
pub(crate) fn subscription(app: &Arc<App>) -> Subscription {
    let app = Arc::clone(app);
    Subscription::new("user", "safety").on(move |event: Event<UserDeleted>| {
        let app = Arc::clone(&app);
        async move {
            let user: UserId = event
                .message
                .user_id
                .parse()
                .map_err(|error| HandlerError::Poison(Box::new(error)))?;
            app.erase_user(user).await.map_err(HandlerError::retry)
        }
    })
}

/// A rule or blocked picture stopped a piece of work.
pub(crate) async fn blocked(tx: &Tx, worst: &violation::Model) -> Result<(), Error> {
    let event = ContentBlocked {
        violation_id: worst.id.to_string(),
        subject: worst.subject.clone(),
        rule_id: worst.rule_id.clone(),
        rule_version: worst.rule_version,
        region: worst.region.clone(),
        user_id: worst.user_id.to_string(),
    };
    tx.emit(EventDraft::new(&worst.id, worst.workspace_id, &event))
        .await?;
    Ok(())
}

/// An appeal was decided or taken back.
pub(crate) async fn appeal_resolved(
    tx: &Tx,
    row: &appeal::Model,
    against: &violation::Model,
) -> Result<(), Error> {
    let outcome = match row.state {
        State::Open => "OPEN",
        State::Upheld => "UPHELD",
        State::Overturned => "OVERTURNED",
        State::Withdrawn => "WITHDRAWN",
    };
    let event = AppealResolved {
        appeal_id: row.id.to_string(),
        violation_id: row.violation_id.to_string(),
        user_id: row.user_id.to_string(),
        subject: against.subject.clone(),
        rule_id: against.rule_id.clone(),
        rule_version: against.rule_version,
        region: against.region.clone(),
        outcome: outcome.to_owned(),
    };
    tx.emit(EventDraft::new(&row.id, row.workspace_id, &event))
        .await?;
    Ok(())
}

/// Rules or blocked pictures changed.
pub(crate) async fn rules_changed(
    tx: &Tx,
    revision: i64,
    rule_ids: Vec<String>,
) -> Result<(), Error> {
    let event = RulesChanged { revision, rule_ids };
    tx.emit(EventDraft::new(RULES, WorkspaceId::SYSTEM, &event))
        .await?;
    Ok(())
}
