use std::sync::Arc;

use covergen_chassis::{Event, HandlerError, Subscription};
use covergen_proto::auth::v1::{SessionRevoked, UserRegistered};

use super::{CONSUMER, News, recording, told};
use crate::app::App;
use crate::domain::kind::Kind;
use crate::domain::told::{Facts, REUSED, TAKEN_OVER, Told};

/// An account that an operator opened.
const ADMIN: &str = "admin";

/// What happens to accounts and is told by nobody else.
///
/// `CredentialsChanged` is not heard: of every way in that comes, goes or
/// changes auth writes a mail itself, and of the rest the owner has just asked
/// for it (an address proved, an API key ended), or cannot read it here (an
/// account that was shut). Neither is `UserAuthenticated`, which does not say
/// whether the device was known: a notice of each sign-in is soon read by
/// nobody.
pub(crate) fn accounts(app: &Arc<App>) -> Subscription {
    Subscription::new("auth", CONSUMER)
        .once(&app.store, recording::<UserRegistered>(app, registered))
        .once(&app.store, recording::<SessionRevoked>(app, revoked))
}

fn registered(event: &Event<UserRegistered>) -> Result<Told, HandlerError> {
    let message = &event.message;
    let news = News {
        kind: Kind::AccountOpened,
        resource: message.user_id.clone(),
        facts: Facts::default(),
        // Operators open accounts for those who moderate and the like, and hand
        // them over themselves.
        is_news: message.registration_source != ADMIN,
    };
    told(event, &message.user_id, news, &())
}

fn revoked(event: &Event<SessionRevoked>) -> Result<Told, HandlerError> {
    let message = &event.message;
    let news = News {
        kind: Kind::SessionRevoked,
        resource: message.session_id.clone(),
        facts: Facts::of_reason(&message.method),
        // The other sessions their owner ended, or a new password did, of which
        // auth writes a mail; or the account was shut, which every sign-in is
        // told, or is gone.
        is_news: [REUSED, TAKEN_OVER].contains(&message.method.as_str()),
    };
    told(event, &message.user_id, news, &())
}
