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
    origin.scope(next.run(request)).await
}
