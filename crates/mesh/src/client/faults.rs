//! Harm done on purpose, to see who bears it.

use std::sync::Arc;

use http::Response;
use tokio::time::{Instant, sleep};
use tonic::{Status, body::Body};

use super::{Call, Edge};
use crate::{
    decisions::{DecisionKind, Decisions},
    hop::{Failure, Hop},
    policy::Fault,
};

/// Delays and aborts as the policy says; the first fault that matches decides.
/// An abort is a failure of the target to everything above, and the layers
/// below never hear of it.
pub(crate) struct Faults<H> {
    edge: Edge,
    decisions: Decisions,
    inner: H,
}

impl<H> Faults<H> {
    pub(crate) fn new(edge: Edge, decisions: Decisions, inner: H) -> Self {
        Self {
            edge,
            decisions,
            inner,
        }
    }

    fn note(&self, detail: String) {
        metrics::counter!("mesh_client_faults_total", "target" => self.edge.target.to_string())
            .increment(1);
        self.decisions
            .note(&self.edge.target, DecisionKind::Fault, detail);
    }

    async fn harm(&self, fault: &Fault) -> Result<(), Failure> {
        if let Some((share, delay)) = fault.delay
            && rand::random_bool(share)
        {
            self.note(format!("delay of {} ms", delay.as_millis()));
            sleep(delay).await;
        }
        if let Some(abort) = &fault.abort
            && rand::random_bool(abort.share)
        {
            self.note(format!("abort with {:?}", abort.code));
            let status = Status::new(abort.code, "aborted by policy");
            return Err(Failure::sent(status));
        }
        Ok(())
    }
}

impl<H: Hop<Call, Answer = Response<Body>, Failure = Failure>> Hop<Call> for Faults<H> {
    type Answer = Response<Body>;
    type Failure = Failure;

    async fn call(&self, mut call: Call) -> Result<Response<Body>, Failure> {
        if call.method.faults.is_empty() {
            return self.inner.call(call).await;
        }
        let method = Arc::clone(&call.method);
        let mut faults = method.faults.iter();
        if let Some(fault) = faults.find(|fault| fault.matcher.matches(&call.head)) {
            Box::pin(self.harm(fault)).await?;
            // What was added here is not the endpoint's.
            call.at = Instant::now();
            call.began = call.at;
        }
        self.inner.call(call).await
    }
}
