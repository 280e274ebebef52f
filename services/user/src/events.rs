//! What user emits and hears.

use std::sync::Arc;

use covergen_chassis::{Event, HandlerError, Subscription};
use covergen_ids::{UserId, WorkspaceId};
use covergen_proto::auth::v1::UserRegistered;
use covergen_proto::user::v1::{QuotaExhausted, UserUpdated};
use covergen_store::{Error, EventDraft, Tx};

use crate::app::App;

/// The profile is made when somebody registers, so that it is there before
/// they look. Making it is idempotent: no inbox row is needed.
pub(crate) fn subscription(app: &Arc<App>) -> Subscription {
    let app = Arc::clone(app);
    Subscription::new("auth", "user").on(move |event: Event<UserRegistered>| {
        let app = Arc::clone(&app);
        async move {
            let user: UserId = event
                .message
                .user_id
                .parse()
                .map_err(|error| HandlerError::Poison(Box::new(error)))?;
            app.profile(user)
                .await
                .map(drop)
                .map_err(HandlerError::retry)
        }
    })
}

/// A profile or its tier changed.
pub(crate) async fn updated(
    tx: &Tx,
    user: UserId,
    workspace: WorkspaceId,
    fields: Vec<String>,
) -> Result<(), Error> {
    let event = UserUpdated {
        user_id: user.to_string(),
        fields,
    };
    tx.emit(EventDraft::new(&user, workspace, &event)).await?;
    Ok(())
}

/// A request was refused for want of quota.
pub(crate) async fn exhausted(
    tx: &Tx,
    user: UserId,
    workspace: WorkspaceId,
    resets_at_ms: i64,
) -> Result<(), Error> {
    let event = QuotaExhausted {
        user_id: user.to_string(),
        bucket: "covers".to_owned(),
        resets_at: Some(covergen_chassis::timestamp(resets_at_ms)),
    };
    tx.emit(EventDraft::new(&user, workspace, &event)).await?;
    Ok(())
}
