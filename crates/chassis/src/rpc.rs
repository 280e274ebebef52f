//! What the mesh must know of each RPC, and what stores must know of each call.

use std::convert::Infallible;
use std::task::{Context, Poll};

use covergen_mesh::{CallContext, MethodFacts, Services};
use covergen_proto::Method;
use http::{Request, Response};
use tonic::body::Body;
use tower::Service;

use crate::service::BoxFuture;

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
#[derive(Clone)]
pub(crate) struct Traced(pub(crate) Services);

impl Service<Request<Body>> for Traced {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // Named after the method; a release has no points, and no use for a name.
        let uri = cfg!(debug_assertions).then(|| request.uri().clone());
        let answering = self.0.call(request);
        let Some(context) = CallContext::current() else {
            return answering;
        };
        let origin = covergen_store::CallContext {
            traceparent: context.trace_parent().to_string(),
            correlation_id: context.request_id().to_string(),
            causation_id: String::new(),
        };
        Box::pin(async move {
            let name = uri.as_ref().and_then(|uri| uri.path().rsplit('/').next());
            let name = name.unwrap_or_default();
            covergen_failpoint::pass(name, "called");
            let answer = origin.scope(answering).await;
            covergen_failpoint::pass(name, "answered");
            answer
        })
    }
}
