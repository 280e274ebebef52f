//! Stops calling a target that does not answer.

use std::sync::{Arc, PoisonError, atomic::Ordering};

use http::Response;
use serde::Serialize;
use tokio::time::Instant;
use tonic::{Code, body::Body};

use super::{
    Call, Edge, Patience, Verdict,
    circuit::{Circuit, CircuitState, Ticket},
    judge,
};
use crate::{
    config::Policy,
    decisions::{DecisionKind, Decisions},
    hop::{Failure, Hop},
    status::with_retry_info,
    sync::{AtomicBool, Mutex, MutexGuard},
};

/// A target's breaker, shared by all channels to it.
#[derive(Clone)]
pub(crate) struct BreakerHandle(Arc<Shared>);

struct Shared {
    circuit: Mutex<Circuit>,
    is_off: AtomicBool,
    edge: Edge,
    decisions: Decisions,
    gauge: std::sync::OnceLock<metrics::Gauge>,
}

/// A target's breaker as the admin page shows it.
#[derive(Debug, Clone, Serialize)]
pub struct BreakerSnapshot {
    /// Where it stands.
    pub state: CircuitState,
    /// While open: milliseconds until a call is let through to see.
    pub opens_for_ms: Option<u64>,
}

impl BreakerHandle {
    pub(crate) fn new(edge: Edge, policy: &Policy, layers_on: bool, decisions: Decisions) -> Self {
        Self(Arc::new(Shared {
            circuit: Mutex::new(Circuit::new(policy, Instant::now())),
            is_off: AtomicBool::new(!layers_on),
            edge,
            decisions,
            gauge: std::sync::OnceLock::new(),
        }))
    }

    /// Other rules from now on; where it stands stays.
    pub(crate) fn change(&self, policy: &Policy) {
        self.lock().change_rules(policy, Instant::now());
    }

    pub(crate) fn snapshot(&self) -> BreakerSnapshot {
        let circuit = self.lock();
        let left = circuit.opens_for(Instant::now());
        BreakerSnapshot {
            state: circuit.state(),
            opens_for_ms: left.map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
        }
    }

    fn admit(&self) -> Result<Ticket, Failure> {
        let mut circuit = self.lock();
        let before = circuit.state();
        let admitted = circuit.admit(Instant::now());
        self.announce(before, circuit.state());
        admitted.map_err(|retry_after| {
            let message = format!("{} is not answering; not calling it", self.0.edge.target);
            let status = with_retry_info(Code::Unavailable, &message, retry_after);
            Failure::broken(status)
        })
    }

    fn settle(&self, ticket: Ticket, verdict: Verdict) {
        let mut circuit = self.lock();
        let before = circuit.state();
        circuit.settle(ticket, verdict, Instant::now());
        self.announce(before, circuit.state());
    }

    fn announce(&self, before: CircuitState, after: CircuitState) {
        if before == after {
            return;
        }
        let gauge = self.0.gauge.get_or_init(|| {
            metrics::gauge!("mesh_breaker_state",
                "source" => self.0.edge.source.to_string(),
                "target" => self.0.edge.target.to_string())
        });
        gauge.set(match after {
            CircuitState::Closed => 0.0,
            CircuitState::HalfOpen => 1.0,
            CircuitState::Open => 2.0,
        });
        let detail = format!("from {before:?} to {after:?}");
        self.0
            .decisions
            .note(&self.0.edge.target, DecisionKind::Breaker, detail);
        tracing::warn!(
            target_service = &*self.0.edge.target,
            ?before,
            ?after,
            "breaker changed"
        );
    }

    fn lock(&self) -> MutexGuard<'_, Circuit> {
        let circuit = &self.0.circuit;
        circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct Breaker<H> {
    handle: BreakerHandle,
    inner: H,
}

impl<H> Breaker<H> {
    pub(crate) fn new(handle: BreakerHandle, inner: H) -> Self {
        Self { handle, inner }
    }
}

impl<H: Hop<Call, Answer = Response<Body>, Failure = Failure>> Hop<Call> for Breaker<H> {
    type Answer = Response<Body>;
    type Failure = Failure;

    async fn call(&self, call: Call) -> Result<Response<Body>, Failure> {
        if self.handle.0.is_off.load(Ordering::Relaxed) {
            return self.inner.call(call).await;
        }
        let mut trial = Trial {
            ticket: Some(self.handle.admit()?),
            handle: &self.handle,
            patience: Patience::of(&call),
        };
        let result = self.inner.call(call).await;
        let verdict = match &result {
            Ok(_) => Verdict::Healthy,
            Err(failure) => judge(failure, &trial.patience),
        };
        trial.settle(verdict);
        result
    }
}

/// One admitted call. Dropped without a verdict, it was given up from above:
/// by the deadline, which counts, or by the caller, which does not.
struct Trial<'a> {
    ticket: Option<Ticket>,
    handle: &'a BreakerHandle,
    patience: Patience,
}

impl Trial<'_> {
    fn settle(&mut self, verdict: Verdict) {
        if let Some(ticket) = self.ticket.take() {
            self.handle.settle(ticket, verdict);
        }
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        self.settle(if self.patience.ran_out() {
            Verdict::Failing
        } else {
            Verdict::Unclear
        });
    }
}

#[cfg(test)]
#[path = "breaker_tests.rs"]
mod tests;
