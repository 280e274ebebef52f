use covergen_identity::{Caller, EDGES, Principal};
use covergen_mesh::CallContext;
use tonic::{Code, Request, Status};

use crate::error::refusal;

/// The user the call is made for.
///
/// # Errors
/// UNAUTHENTICATED, when nobody is: for RPCs that the contract lets anybody
/// call, and for services' own calls.
pub fn principal() -> Result<Principal, Status> {
    CallContext::current()
        .as_ref()
        .and_then(|context| context.caller::<Caller>())
        .and_then(Caller::principal)
        .cloned()
        .ok_or_else(|| {
            refusal(
                Code::Unauthenticated,
                "UNAUTHENTICATED",
                "this call must be made by or for a user",
            )
        })
}

/// The service that calls in its own name, if one does.
#[must_use]
pub fn service_name() -> Option<String> {
    let context = CallContext::current()?;
    match context.caller::<Caller>()? {
        Caller::Service { name, .. } => Some(name.clone()),
        _ => None,
    }
}

/// Where a person calls from, as the edge tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// Address; empty when unknown.
    pub ip_address: String,
    /// User agent, cut to 256 characters; empty when unknown.
    pub user_agent: String,
}

/// Reads what the edge tells of the person behind a call. Believed from edges
/// only: anybody else could write anything there.
#[must_use]
pub fn client_info<T>(request: &Request<T>) -> ClientInfo {
    let from_edge = service_name().is_some_and(|name| EDGES.contains(&name.as_str()));
    if !from_edge {
        return ClientInfo::default();
    }
    let text = |name: &str| {
        request
            .metadata()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(|value| value.chars().take(256).collect::<String>())
            .unwrap_or_default()
    };
    let forwarded = text("x-forwarded-for");
    ClientInfo {
        ip_address: forwarded
            .split(',')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned(),
        // The mesh speaks with a user agent of its own.
        user_agent: text("x-forwarded-user-agent"),
    }
}

/// The trace context of the call being served, to be kept with work that goes
/// on after it; empty outside of a call.
#[must_use]
pub fn trace_parent() -> String {
    CallContext::current().map_or_else(String::new, |context| context.trace_parent().to_string())
}
