//! What the mesh must know of each RPC, and what stores must know of each call.

use axum::extract::Request;
use axum::middleware::{self, Next};
use covergen_mesh::{CallContext, MethodFacts};
use covergen_proto::Method;
use tonic::service::Routes;

/// Looks a method up by its path.
#[must_use]
pub fn facts(path: &str) -> Option<MethodFacts> {
    Method::find(path).map(|method| MethodFacts {
        idempotent: method.idempotent,
        deadline_ms: Some(method.deadline_ms).filter(|ms| *ms > 0),
        client_streaming: method.client_streaming,
        server_streaming: method.server_streaming,
    })
}

/// Tells the store which call its rows come from, so that events and commands
/// carry the trace on.
pub(crate) fn with_trace(routes: Routes) -> Routes {
    let router = routes.into_axum_router();
    Routes::from(router.layer(middleware::from_fn(trace)))
}

async fn trace(request: Request, next: Next) -> axum::response::Response {
    let Some(context) = CallContext::current() else {
        return next.run(request).await;
    };
    let origin = covergen_store::CallContext {
        traceparent: context.trace_parent().to_string(),
        correlation_id: context.request_id().to_string(),
        causation_id: String::new(),
    };
    // Named after the method; a release has no points, and no use for a name.
    let name = cfg!(debug_assertions).then(|| request.uri().clone());
    let name = name.as_ref().and_then(|uri| uri.path().rsplit('/').next());
    let name = name.unwrap_or_default();
    covergen_failpoint::pass(name, "called");
    let answer = origin.scope(next.run(request)).await;
    covergen_failpoint::pass(name, "answered");
    answer
}
