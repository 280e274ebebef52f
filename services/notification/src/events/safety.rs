use std::sync::Arc;

use covergen_chassis::{Event, HandlerError, Subscription};
use covergen_proto::notification::v1::{AppealResolvedData, ContentBlockedData};
use covergen_proto::safety::v1::{AppealResolved, ContentBlocked};

use super::{CONSUMER, News, recording, told};
use crate::app::App;
use crate::domain::kind::Kind;
use crate::domain::told::{Facts, Told, WITHDRAWN};

/// What was stopped, and what became of appeals.
pub(crate) fn verdicts(app: &Arc<App>) -> Subscription {
    Subscription::new("safety", CONSUMER)
        .once(&app.store, recording::<ContentBlocked>(app, blocked))
        .once(&app.store, recording::<AppealResolved>(app, resolved))
}

fn blocked(event: &Event<ContentBlocked>) -> Result<Told, HandlerError> {
    let message = &event.message;
    let news = News {
        kind: Kind::ContentBlocked,
        resource: message.violation_id.clone(),
        facts: Facts::default(),
        // Works are screened while somebody waits for the answer, and a row of
        // a bulk fails with the reason: its author knows. Their servers may not.
        is_news: false,
    };
    let data = ContentBlockedData {
        violation_id: message.violation_id.clone(),
        user_id: message.user_id.clone(),
        subject: message.subject.clone(),
        rule_id: message.rule_id.clone(),
        rule_version: message.rule_version,
        region: message.region.clone(),
    };
    told(event, &message.user_id, news, &data)
}

fn resolved(event: &Event<AppealResolved>) -> Result<Told, HandlerError> {
    let message = &event.message;
    let news = News {
        kind: Kind::AppealResolved,
        resource: message.appeal_id.clone(),
        facts: Facts::of_reason(&message.outcome),
        // Whoever took it back knows.
        is_news: message.outcome != WITHDRAWN,
    };
    let data = AppealResolvedData {
        appeal_id: message.appeal_id.clone(),
        outcome: message.outcome.clone(),
        user_id: message.user_id.clone(),
        violation_id: message.violation_id.clone(),
        subject: message.subject.clone(),
        rule_id: message.rule_id.clone(),
        rule_version: message.rule_version,
        region: message.region.clone(),
    };
    told(event, &message.user_id, news, &data)
}
