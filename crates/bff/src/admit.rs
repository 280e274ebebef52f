//! Admission: credential, gate, rate limit. REST and gRPC-web share it.

use http::{HeaderMap, Method};
use tonic::Code;

use crate::app::App;
use crate::edge::{Edge, WORKSPACE};
use crate::gate::{Admission, Caller, Credential, CredentialSource};
use crate::limit::Decision;
use crate::problem::Problem;
use crate::route::Route;
use crate::session::{self, Jar};

/// An admitted request.
pub(crate) struct Admitted {
    pub(crate) caller: Caller,
    pub(crate) source: Option<CredentialSource>,
    pub(crate) decision: Option<Decision>,
}

/// Lets a request through to its route, or says why not.
pub(crate) async fn admit(
    app: &App,
    route: &'static Route,
    method: &Method,
    headers: &HeaderMap,
    edge: &Edge,
) -> Result<Admitted, Problem> {
    let jar = Jar::new(headers, app.config.secure_cookies);
    let found = session::credential(route.public, method, headers, &jar, &app.sealer)?;
    let admission = Admission {
        route,
        credential: found.as_ref().map(|found| Credential {
            token: &found.token,
            source: found.source,
        }),
        workspace: headers.get(WORKSPACE).and_then(|value| value.to_str().ok()),
        headers,
        peer: edge.peer,
        request_id: &edge.request_id,
        signed_by: edge.signed_by.as_deref(),
    };
    let caller = app.gate.admit(&admission).await?;
    let span = tracing::Span::current();
    span.record("rpc", route.name);
    if let Some(user) = &caller.user_id {
        span.record("userId", user);
    }
    let decision = match &app.limiter {
        Some(limiter) => Some(limiter.take(route.rate, &caller.key).await?),
        None => None,
    };
    Ok(Admitted {
        caller,
        source: found.map(|found| found.source),
        decision,
    })
}

/// The refusal of a caller who has used up a rate class.
pub(crate) fn exhausted(decision: &Decision) -> Problem {
    let wait = std::time::Duration::from_secs(u64::from(decision.reset_seconds.max(1)));
    Problem::new(
        Code::ResourceExhausted,
        "RATE_LIMITED",
        format!(
            "No more than {} requests in {} seconds are granted here.",
            decision.limit, decision.window_seconds
        ),
    )
    .with_retry_after(wait)
}
