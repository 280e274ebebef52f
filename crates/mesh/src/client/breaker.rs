//! Stops calling a target that does not answer.

use std::sync::{Arc, Mutex, PoisonError};

use http::Response;
use serde::Serialize;
use tokio::time::Instant;
use tonic::{Code, body::Body};

use super::{
    Call, Edge,
    circuit::{Circuit, CircuitState, Ticket, Verdict},
};
use crate::{
    config::Policy,
    hop::{Failure, Hop, Reach},
    status::with_retry_info,
};

/// A target's breaker, shared by all channels to it.
#[derive(Clone)]
pub(crate) struct BreakerHandle(Arc<Shared>);

struct Shared {
    circuit: Mutex<Circuit>,
    edge: Edge,
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
    pub(crate) fn new(edge: Edge, policy: &Policy) -> Self {
        Self(Arc::new(Shared {
            circuit: Mutex::new(Circuit::new(policy, Instant::now())),
            edge,
            gauge: std::sync::OnceLock::new(),
        }))
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
            Failure::refused(status)
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
        tracing::warn!(
            target_service = &*self.0.edge.target,
            ?before,
            ?after,
            "breaker changed"
        );
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Circuit> {
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

impl<H: Hop<Call, Failure = Failure>> Hop<Call> for Breaker<H> {
    type Failure = Failure;

    async fn call(&self, call: Call) -> Result<Response<Body>, Failure> {
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

/// What a failure says about the target. INTERNAL and its like do not count:
/// a target that answers is alive, and one request that makes it stumble must
/// not cut it off from everybody.
fn judge(failure: &Failure, patience: &Patience) -> Verdict {
    match (failure.reach, failure.status.code()) {
        // Ours.
        (Reach::Refused, _) => Verdict::Unclear,
        // Too early to tell: services of one process start in any order.
        (Reach::Unresolved, _) => Verdict::Unclear,
        // One replica is leaving, with all its calls at once; others are there.
        (Reach::NotTaken, _) => Verdict::Unclear,
        (_, Code::Unavailable) => Verdict::Failing,
        (_, Code::DeadlineExceeded) if patience.was_fair => Verdict::Failing,
        (_, Code::DeadlineExceeded) => Verdict::Unclear,
        _ => Verdict::Healthy,
    }
}

/// Whether running out of time can be held against the target: it cannot if
/// the caller granted less than half of what the method usually gets, or
/// anybody could open the breaker by asking with no patience.
struct Patience {
    deadline: Option<Instant>,
    was_fair: bool,
}

impl Patience {
    fn of(call: &Call) -> Self {
        let granted = call
            .deadline
            .map(|at| at.saturating_duration_since(Instant::now()));
        let was_fair = match (granted, call.method.deadline) {
            (Some(granted), Some(usual)) => granted >= usual / 2,
            _ => true,
        };
        Self {
            deadline: call.deadline,
            was_fair,
        }
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
        let expired = self
            .patience
            .deadline
            .is_some_and(|at| Instant::now() >= at);
        self.settle(if expired && self.patience.was_fair {
            Verdict::Failing
        } else {
            Verdict::Unclear
        });
    }
}
