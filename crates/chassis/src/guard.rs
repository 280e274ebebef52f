//! The one place where calls are let in.

use covergen_identity::{Caller, Denied, Requirement, authorize};
use covergen_mesh::{Guard, OutgoingCall, TokenSource};
use covergen_proto::Method;
use futures::future::BoxFuture;
use http::{HeaderValue, header};
use tonic::{Code, Status};

use crate::Identity;
use crate::error::refusal;

/// Establishes who calls, and whether the contract lets them.
pub(crate) struct ContractGuard {
    pub(crate) identity: Identity,
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
