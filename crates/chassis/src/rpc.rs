//! What the mesh must know of each RPC, and what stores must know of each call.

use axum::extract::Request;
use axum::middleware::{self, Next};
use covergen_identity::Caller;
use covergen_mesh::{CallContext, MethodFacts};
use covergen_proto::Method;
use tonic::service::Routes;

use crate::StaleReads;

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
/// carry the trace on, and notes who may have changed something.
pub(crate) fn with_trace(routes: Routes, writers: Option<StaleReads>) -> Routes {
    let router = routes.into_axum_router();
    let layer = middleware::from_fn(move |request, next| trace(writers.clone(), request, next));
    Routes::from(router.layer(layer))
}

async fn trace(
    writers: Option<StaleReads>,
    request: Request,
    next: Next,
) -> axum::response::Response {
    let Some(context) = CallContext::current() else {
        return next.run(request).await;
    };
    let origin = covergen_store::CallContext {
        traceparent: context.trace_parent().to_string(),
        correlation_id: context.request_id().to_string(),
        causation_id: String::new(),
    };
    let Some(writers) = writers else {
        return origin.scope(next.run(request)).await;
    };
    let path = request.uri().path().to_owned();
    let answer = origin.scope(next.run(request)).await;
    let caller = context.caller::<Caller>().and_then(Caller::principal);
    // Before the answer is sent: whoever has it sees what it says.
    writers.called(&path, caller.map(|who| who.user_id)).await;
    answer
}
