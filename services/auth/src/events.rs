//! What auth emits and hears.

use std::sync::Arc;

use covergen_chassis::{Event, HandlerError, Subscription};
use covergen_ids::{SessionId, UserId, WorkspaceId};
use covergen_proto::auth::v1::{
    CredentialsChanged, SessionRevoked, UserAuthenticated, UserRegistered,
};
use covergen_proto::user::v1::UserDeleted;
use covergen_store::{Error, EventDraft, Tx};

use crate::app::App;

/// A person who leaves takes everything along.
pub(crate) fn subscription(app: &Arc<App>) -> Subscription {
    let app = Arc::clone(app);
    Subscription::new("user", "auth").on(move |event: Event<UserDeleted>| {
        let app = Arc::clone(&app);
        async move {
            let user: UserId = event
                .message
                .user_id
                .parse()
                .map_err(|error| HandlerError::Poison(Box::new(error)))?;
            app.erase(user, &event.id)
                .await
                .map_err(HandlerError::retry)
        }
    })
}

/// An account was opened.
pub(crate) async fn registered(
    tx: &Tx,
    user: UserId,
    workspace: WorkspaceId,
    source: &str,
) -> Result<(), Error> {
    let event = UserRegistered {
        user_id: user.to_string(),
        workspace_id: workspace.to_string(),
        registration_source: source.to_owned(),
    };
    tx.emit(EventDraft::new(&user, workspace, &event)).await?;
    Ok(())
}

/// Somebody signed in.
pub(crate) async fn authenticated(
    tx: &Tx,
    user: UserId,
    workspace: WorkspaceId,
    session: SessionId,
    method: &str,
) -> Result<(), Error> {
    let event = UserAuthenticated {
        user_id: user.to_string(),
        session_id: session.to_string(),
        method: method.to_owned(),
    };
    tx.emit(EventDraft::new(&user, workspace, &event)).await?;
    Ok(())
}

/// A session ended before its time.
pub(crate) async fn revoked(
    tx: &Tx,
    user: UserId,
    workspace: WorkspaceId,
    session: SessionId,
    why: &str,
) -> Result<(), Error> {
    let event = SessionRevoked {
        user_id: user.to_string(),
        session_id: session.to_string(),
        method: why.to_owned(),
    };
    tx.emit(EventDraft::new(&user, workspace, &event)).await?;
    Ok(())
}

/// A way into an account came, went or changed.
pub(crate) async fn credentials_changed(
    tx: &Tx,
    user: UserId,
    workspace: WorkspaceId,
    credential: &str,
    change: &str,
    credential_id: &str,
) -> Result<(), Error> {
    let event = CredentialsChanged {
        user_id: user.to_string(),
        credential: credential.to_owned(),
        change: change.to_owned(),
        credential_id: credential_id.to_owned(),
    };
    tx.emit(EventDraft::new(&user, workspace, &event)).await?;
    Ok(())
}
