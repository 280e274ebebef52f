use std::sync::Arc;

use covergen_chassis::{Event, HandlerError, Subscription};
use covergen_proto::notification::v1::QuotaExhaustedData;
use covergen_proto::user::v1::{QuotaExhausted, UserDeleted};

use super::{CONSUMER, News, recording, told};
use crate::app::App;
use crate::domain::kind::Kind;
use crate::domain::told::{Facts, Told};

/// People who left, of whom everything is erased, and quotas that are used up.
pub(crate) fn users(app: &Arc<App>) -> Subscription {
    let leaving = Arc::clone(app);
    Subscription::new("user", CONSUMER)
        .on(move |event: Event<UserDeleted>| {
            let app = Arc::clone(&leaving);
            async move {
                let poison = |error: covergen_ids::ParseIdError| HandlerError::Poison(error.into());
                let message = &event.message;
                let user = message.user_id.parse().map_err(poison)?;
                let home = match message.workspace_id.as_str() {
                    "" => None,
                    id => Some(id.parse().map_err(poison)?),
                };
                app.erase_user(user, home)
                    .await
                    .map_err(HandlerError::retry)
            }
        })
        .once(&app.store, recording::<QuotaExhausted>(app, exhausted))
}

/// Told once a period, whichever of the refused requests came first.
fn exhausted(event: &Event<QuotaExhausted>) -> Result<Told, HandlerError> {
    let message = &event.message;
    let resets_at_ms = message.resets_at.map(|at| at.seconds.saturating_mul(1000));
    let news = News {
        kind: Kind::QuotaExhausted,
        resource: message.bucket.clone(),
        facts: Facts {
            resets_at_ms,
            ..Facts::default()
        },
        is_news: true,
    };
    let data = QuotaExhaustedData {
        user_id: message.user_id.clone(),
        bucket: message.bucket.clone(),
        reset_time: message.resets_at,
    };
    told(event, &message.user_id, news, &data)
}
