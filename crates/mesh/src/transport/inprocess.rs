//! A call that never leaves the process.

use std::sync::Arc;

use http::Extensions;

use crate::{
    Peer, Registry,
    client::{Call, CallData, Edge, RESERVE},
    hop::{Failure, Hop},
    server::{Arrival, Reply, Told},
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
    type Answer = Reply;
    type Failure = Failure;

    async fn call(&self, call: Call) -> Result<Reply, Failure> {
        let Some(service) = self.registry.get(&self.edge.target) else {
            let message = format!("{} is not running in this process", self.edge.target);
            return Err(Failure::unresolved(message));
        };
        let CallData {
            mut head,
            body: content,
            request_id,
            trace_parent,
            deadline,
            ..
        } = *call;
        // Extensions do not cross a wire, so they do not cross here either:
        // the target may rely on headers alone, wherever it runs.
        head.extensions.clear();
        head.extensions.insert(Peer::InProcess {
            service: Arc::clone(&self.edge.source),
        });
        let told = Told {
            request_id,
            trace_parent,
            ends_at: deadline.and_then(|deadline| deadline.checked_sub(RESERVE)),
        };
        let mut reply = service
            .handle(Arrival {
                head,
                content,
                told,
                draining: None,
            })
            .await;
        *reply.response.extensions_mut() = Extensions::new();
        Ok(reply)
    }
}
