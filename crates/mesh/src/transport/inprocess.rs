//! A call that never leaves the process.

use std::sync::Arc;

use http::{Extensions, Request, Response};
use tonic::body::Body;

use crate::{
    Peer, Registry,
    client::{Call, Edge},
    hop::{Failure, Hop},
};

/// Hands the request to the target's server stack and runs it as part of the
/// calling future: no socket, no framing, no task. Dropping either side's
/// future or body drops the other's, as a reset stream would.
#[derive(Clone)]
pub(crate) struct InProcess {
    edge: Edge,
    registry: Registry,
}

impl InProcess {
    pub(crate) fn new(edge: Edge, registry: Registry) -> Self {
        Self { edge, registry }
    }
}

impl Hop<Call> for InProcess {
    type Answer = Response<Body>;
    type Failure = Failure;

    async fn call(&self, call: Call) -> Result<Response<Body>, Failure> {
        let Some(service) = self.registry.get(&self.edge.target) else {
            let message = format!("{} is not running in this process", self.edge.target);
            return Err(Failure::unresolved(message));
        };
        let mut request = Request::from_parts(call.head, call.body);
        // Extensions do not cross a wire, so they do not cross here either:
        // the target may rely on headers alone, wherever it runs.
        let extensions = request.extensions_mut();
        *extensions = Extensions::new();
        extensions.insert(Peer::InProcess {
            service: Arc::clone(&self.edge.source),
        });
        let mut response = service.handle(request).await;
        *response.extensions_mut() = Extensions::new();
        Ok(response)
    }
}
