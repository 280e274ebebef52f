//! The one place where calls are let in.

use covergen_identity::{Caller, Denied, EDGES, Requirement, authorize};
use covergen_ids::UserId;
use covergen_mesh::{Guard, OutgoingCall, Peer, TokenSource};
use covergen_proto::Method;
use futures::future::BoxFuture;
use http::{HeaderValue, header};
use tonic::{Code, Status};

use crate::Identity;
use crate::error::refusal;

/// The name under which operators call, as contracts name their callers.
const OPERATOR: &str = "admin";

/// Establishes who calls, and whether the contract lets them.
pub(crate) struct ContractGuard {
    pub(crate) identity: Identity,
    /// What this process proves itself with, and knows others by.
    pub(crate) proof: Option<covergen_mesh::Identity>,
}

impl ContractGuard {
    /// Whether the connection bears out what the token says.
    ///
    /// A token names its bearer, a certificate proves its holder: a service's
    /// token is good over the certificate of that service alone, so that one
    /// that was stolen or overheard opens nothing. People have no certificate;
    /// they come through an edge, which brings a token of its own, or are
    /// operators: no other service has business with what people hold.
    ///
    /// What calls in this process is not asked. One process is one trust.
    fn vouch(&self, parts: &http::request::Parts, caller: &Caller) -> Result<(), Status> {
        let Some(proof) = &self.proof else {
            return Ok(());
        };
        let id = match parts.extensions.get::<Peer>() {
            Some(Peer::InProcess { .. }) => return Ok(()),
            Some(Peer::Verified { id, .. }) => Some(id),
            // While certificates are being rolled out, tokens count as before.
            Some(Peer::Tcp { .. }) if proof.accepts_plain() => return Ok(()),
            // Where certificates are asked for, who has none, or is not said
            // to have one, bears no token that counts.
            Some(Peer::Tcp { .. }) | None => None,
        };
        let is_of = |name: &str| id.is_some_and(|id| proof.speaks_for(id, name));
        let borne_out = match caller {
            Caller::Anonymous => return Ok(()),
            Caller::Service { name, .. } => is_of(name),
            Caller::User(_) => EDGES.iter().chain([&OPERATOR]).any(|name| is_of(name)),
        };
        if borne_out {
            return Ok(());
        }
        let bearer = match caller {
            Caller::Service { name, .. } => name.as_str(),
            _ => "a person",
        };
        let id = id.map(ToString::to_string);
        tracing::warn!(
            id,
            bearer,
            "a token came over a certificate that it is not for"
        );
        Err(refusal(
            Code::PermissionDenied,
            "CALLER_NOT_PROVEN",
            "the token is of somebody else than this connection's certificate",
        ))
    }
}

impl Guard for ContractGuard {
    fn admit<'a>(
        &'a self,
        parts: &'a mut http::request::Parts,
    ) -> BoxFuture<'a, Result<covergen_mesh::Caller, Status>> {
        Box::pin(async move {
            let path = parts.uri.path();
            // Health and reflection stand outside the contracts and tell
            // nothing that the contracts do not; an unknown method goes on to
            // be answered with UNIMPLEMENTED.
            let Some(method) = Method::find(path) else {
                return Ok(covergen_mesh::Caller::new(Caller::Anonymous));
            };
            let caller = match identify(&self.identity, &parts.headers) {
                Ok(caller) => caller,
                // A stale token does not shut anybody out of what is public.
                Err(_) if method.public => Caller::Anonymous,
                Err(status) => return Err(status),
            };
            self.vouch(parts, &caller)?;
            authorize(&requirement(method), &caller).map_err(denied)?;
            // Only services speak about other people's addresses.
            if !matches!(caller, Caller::Service { .. }) {
                parts.headers.remove("x-forwarded-for");
                parts.headers.remove("x-forwarded-user-agent");
            }
            Ok(covergen_mesh::Caller::new(caller))
        })
    }
}

fn requirement(method: &'static Method) -> Requirement<'static> {
    Requirement {
        public: method.public,
        permission: method.permission,
        scopes: method.scopes,
        admin: method.admin,
        exposed: !method.exposed.is_empty(),
        callers: method.callers,
    }
}

fn identify(identity: &Identity, headers: &http::HeaderMap) -> Result<Caller, Status> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(Caller::Anonymous);
    };
    let token = value
        .to_str()
        .ok()
        .and_then(|text| {
            text.strip_prefix("Bearer ")
                .or_else(|| text.strip_prefix("bearer "))
        })
        .ok_or_else(|| unauthenticated("TOKEN_INVALID", "send `Authorization: Bearer <token>`"))?;
    let caller = match identity.internal.verify(token) {
        Ok(caller) => caller,
        Err(_) => identity
            .access
            .verify(token)
            .map(Caller::User)
            .map_err(|error| unauthenticated(token_reason(error), &error.to_string()))?,
    };
    let session = caller
        .principal()
        .and_then(|principal| principal.session_id);
    if session.is_some_and(|session| identity.revocations.is_revoked(session)) {
        return Err(unauthenticated(
            "SESSION_ENDED",
            "this session has ended; sign in again",
        ));
    }
    Ok(caller)
}

/// The stable reason of a token that was not accepted.
fn token_reason(error: covergen_identity::TokenError) -> &'static str {
    match error {
        covergen_identity::TokenError::Expired => "TOKEN_EXPIRED",
        _ => "TOKEN_INVALID",
    }
}

fn unauthenticated(reason: &'static str, message: &str) -> Status {
    refusal(Code::Unauthenticated, reason, message)
}

fn denied(denied: Denied) -> Status {
    let (code, reason) = match denied {
        Denied::Unauthenticated => (Code::Unauthenticated, "UNAUTHENTICATED"),
        Denied::Forbidden => (Code::PermissionDenied, "PERMISSION_DENIED"),
    };
    refusal(code, reason, &denied.to_string())
}

/// Tells the people apart whom calls are made for, so that none of them takes
/// up a whole service. Services in their own name are not bounded by this.
pub(crate) fn principal_key(caller: &covergen_mesh::Caller) -> Option<u64> {
    if let Some(CallerKey(key)) = caller.get() {
        return Some(*key);
    }
    let user = caller.get::<Caller>()?.principal()?.user_id;
    Some(CallerKey::of(user).0)
}

/// Tells people apart to the mesh of an edge, which serves no call that a guard
/// has let in. Put into a call's context as its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallerKey(pub u64);

impl CallerKey {
    /// The key of a user, the same in every process.
    #[must_use]
    pub fn of(user: UserId) -> Self {
        let (high, low) = user.uuid().as_u64_pair();
        Self(high ^ low)
    }
}

/// Signs outgoing calls: this service calls, for whomever its own caller acts.
pub(crate) struct ServiceTokens {
    pub(crate) identity: Identity,
}

impl TokenSource for ServiceTokens {
    fn token(&self, call: &OutgoingCall<'_>) -> Result<Option<HeaderValue>, Status> {
        let principal = call
            .context
            .and_then(|context| context.caller::<Caller>())
            .and_then(Caller::principal);
        let token = self
            .identity
            .internal
            .issue(call.source, principal)
            .map_err(|error| Status::internal(error.to_string()))?;
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|error| Status::internal(error.to_string()))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use covergen_ids::Clock;
    use covergen_mesh::identity::dev_ca::DevCa;

    use super::*;
    use crate::Config;

    #[test]
    fn a_token_over_a_connection_that_proves_nothing_counts_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::load(Config::embedded(folder.path()), &[], []).unwrap();
        let authority = DevCa::open(&folder.path().join("ca"), "covergen.test").unwrap();
        let proof = covergen_mesh::Identity::load(authority.issue("dev", "auth").unwrap());
        let mut guard = ContractGuard {
            identity: Identity::open(&config.identity, &Clock::system()).unwrap(),
            proof: Some(proof.unwrap()),
        };
        let mut accepting = authority.issue("dev", "auth").unwrap();
        accepting.rollout = covergen_mesh::Rollout::Call;
        let accepting = covergen_mesh::Identity::load(accepting).unwrap();
        let token = guard.identity.internal.issue("user", None).unwrap();
        let user = guard.identity.internal.verify(&token).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        let service = Arc::from("user");
        let vouched = |guard: &ContractGuard, peer: Option<Peer>, caller: &Caller| {
            let mut request = http::Request::new(());
            if let Some(peer) = peer {
                request.extensions_mut().insert(peer);
            }
            guard.vouch(&request.into_parts().0, caller).is_ok()
        };
        for peer in [None, Some(Peer::Tcp { address })] {
            assert!(!vouched(&guard, peer.clone(), &user), "{peer:?}");
            assert!(vouched(&guard, peer, &Caller::Anonymous));
        }
        assert!(vouched(&guard, Some(Peer::InProcess { service }), &user));
        // Until everybody has one, a certificate is not asked for; one that is
        // shown is looked at all the same.
        let export = accepting.id().to_string().replace("sa/auth", "sa/export");
        guard.proof = Some(accepting);
        assert!(vouched(&guard, Some(Peer::Tcp { address }), &user));
        assert!(!vouched(&guard, None, &user));
        let id = export.parse().unwrap();
        assert!(!vouched(
            &guard,
            Some(Peer::Verified { address, id }),
            &user
        ));
        // Where nobody is asked for a certificate, nobody needs one.
        guard.proof = None;
        assert!(vouched(&guard, Some(Peer::Tcp { address }), &user));
    }
}
