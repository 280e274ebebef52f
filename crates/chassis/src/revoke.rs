//! Ended sessions and changed API keys reach every process by event, and stay
//! in its memory.

use std::sync::Arc;
use std::time::Duration;

use covergen_events::{EventLog, Position};
use covergen_identity::{ACCESS_TOKEN_SECONDS, Revocations};
use covergen_ids::Clock;
use covergen_proto::auth::v1::{CredentialsChanged, SessionRevoked};
use covergen_proto::events::v1::Envelope;
use futures::StreamExt as _;
use prost::{Message as _, Name as _};
use tokio_util::sync::CancellationToken;

/// Follows auth's events until shutdown. A process that starts late reads back
/// as far as an access token lives.
pub(crate) async fn follow(
    events: Arc<dyn EventLog>,
    revocations: Revocations,
    clock: Clock,
    shutdown: CancellationToken,
) {
    let mut link = events.link();
    while !shutdown.is_cancelled() {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = link.up() => {}
        }
        let since = clock.now() - Duration::from_secs(ACCESS_TOKEN_SECONDS.unsigned_abs() + 60);
        // Auth may start later, or elsewhere; whoever is first declares.
        let tail = async {
            events.declare_stream("auth").await?;
            events.tail("auth", Position::Time(since)).await
        };
        match tail.await {
            Ok(mut stored) => loop {
                let next = tokio::select! {
                    () = shutdown.cancelled() => return,
                    next = stored.next() => next,
                };
                let Some(Ok(stored)) = next else { break };
                note(&revocations, &stored.record.payload);
            },
            Err(error) => tracing::warn!(%error, "cannot follow revocations"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
        }
    }
}

fn note(revocations: &Revocations, payload: &[u8]) {
    let Ok(envelope) = Envelope::decode(payload) else {
        return;
    };
    if envelope.r#type == SessionRevoked::full_name() {
        let session = SessionRevoked::decode(envelope.data)
            .ok()
            .and_then(|event| event.session_id.parse().ok());
        if let Some(session) = session {
            revocations.revoke(session);
        }
    } else if envelope.r#type == CredentialsChanged::full_name() {
        let user = CredentialsChanged::decode(envelope.data)
            .ok()
            .filter(|event| matches!(event.credential.as_str(), "api_key" | "account"))
            .and_then(|event| event.user_id.parse().ok());
        if let Some(user) = user {
            revocations.forget_api_keys(user);
        }
    }
}
