//! What auth emits. It subscribes to nothing.

use covergen_ids::{SessionId, UserId, WorkspaceId};
use covergen_proto::auth::v1::{SessionRevoked, UserAuthenticated, UserRegistered};
use covergen_store::{Error, EventDraft, Tx};

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
) -> Result<(), Error> {
    let event = UserAuthenticated {
        user_id: user.to_string(),
        session_id: session.to_string(),
        method: "password".to_owned(),
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
