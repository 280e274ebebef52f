//! Stops calling a target that does not answer.

use std::sync::{Arc, OnceLock, PoisonError, Weak, atomic::Ordering};

use http::Response;
use serde::Serialize;
use tokio::time::Instant;
use tonic::{Code, body::Body};

use super::{
    Call, Edge, Patience, Verdict,
    circuit::{Circuit, CircuitState, News, Ticket, Watch},
    lookout::{self, Lookout},
    verdict::judge_target,
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
    gauge: OnceLock<metrics::Gauge>,
    /// Tells whether the target serves; nobody does where there is none.
    lookout: Option<Lookout>,
    /// What it is asked about: any service of the target's, the first called.
    service: OnceLock<Box<str>>,
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
    pub(crate) fn new(
        edge: Edge,
        policy: &Policy,
        layers_on: bool,
        decisions: Decisions,
        lookout: Option<Lookout>,
    ) -> Self {
        if layers_on {
            // So that it can be told from the start. Not another value: views of
            // one service share it.
            gauge(&edge).increment(0.0);
        }
        Self(Arc::new(Shared {
            circuit: Mutex::new(Circuit::new(policy, Instant::now())),
            is_off: AtomicBool::new(!layers_on),
            edge,
            decisions,
            gauge: OnceLock::new(),
            lookout,
            service: OnceLock::new(),
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

    fn admit(&self, now: Instant) -> Result<Ticket, Failure> {
        let mut circuit = self.lock();
        let before = circuit.state();
        let admitted = circuit.admit(now);
        self.announce(before, circuit.state());
        admitted.map_err(|retry_after| {
            let message = format!("{} is not answering; not calling it", self.0.edge.target);
            let status = with_retry_info(Code::Unavailable, &message, retry_after);
            Failure::broken(status)
        })
    }

    fn settle(&self, ticket: Ticket, verdict: Verdict) {
        let (mut circuit, now) = (self.lock(), Instant::now());
        let before = circuit.state();
        circuit.settle(ticket, verdict, now);
        let after = circuit.state();
        self.announce(before, after);
        let opened = before != after && after == CircuitState::Open;
        let watch = opened.then(|| circuit.watch(now)).flatten();
        drop(circuit);
        if let Some(watch) = watch {
            self.look_out(watch);
        }
    }

    /// Looks at the target for as long as it is not called.
    fn look_out(&self, watch: Watch) {
        if self.0.lookout.is_none() {
            return;
        }
        // A call may be given up while its runtime ends.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let breaker = Seen(Arc::downgrade(&self.0));
            runtime.spawn(lookout::look_out(breaker, watch));
        }
    }

    fn announce(&self, before: CircuitState, after: CircuitState) {
        if before == after {
            return;
        }
        let gauge = self.0.gauge.get_or_init(|| gauge(&self.0.edge));
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

/// 0 closed, 1 half open, 2 open.
fn gauge(edge: &Edge) -> metrics::Gauge {
    metrics::gauge!("mesh_breaker_state",
        "source" => edge.source.to_string(), "target" => edge.target.to_string())
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Nobody is kept from calling a target that nothing leads to any more.
        if let Some(gauge) = self.gauge.get() {
            gauge.set(0.0);
        }
    }
}

/// A breaker as whoever looks out for it sees it, which does not keep it.
pub(super) struct Seen(Weak<Shared>);

impl Seen {
    /// Whether the target serves; `None` once calls are let through anyway, or
    /// where that cannot be told.
    pub(super) async fn serves(&self, watch: Watch) -> Option<bool> {
        let handle = BreakerHandle(self.0.upgrade()?);
        if handle.lock().watch(Instant::now()) != Some(watch) {
            return None;
        }
        let service = handle.0.service.get().map_or("", |service| service);
        handle.0.lookout.as_ref()?.serves(service).await
    }

    /// Tells what was seen.
    pub(super) fn tell(&self, watch: Watch, serves: bool) {
        let Some(shared) = self.0.upgrade() else {
            return;
        };
        let handle = BreakerHandle(shared);
        let news = handle.lock().seen(watch, serves);
        let Some(news) = news else { return };
        let detail = match news {
            News::Away => "it does not serve",
            News::Back => "it serves again: calls are let through",
        };
        let target = &handle.0.edge.target;
        tracing::info!(target_service = &**target, detail, "looked for");
        let decisions = &handle.0.decisions;
        decisions.note(target, DecisionKind::Breaker, detail.to_owned());
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
        let service = &self.handle.0.service;
        service.get_or_init(|| service_of(call.head.uri.path()));
        let mut trial = Trial {
            ticket: Some(self.handle.admit(call.at)?),
            handle: &self.handle,
            patience: Patience::of(&call),
        };
        let result = self.inner.call(call).await;
        let verdict = match &result {
            Ok(_) => Verdict::Healthy,
            Err(failure) => judge_target(failure, &trial.patience),
        };
        trial.settle(verdict);
        result
    }
}

/// `covergen.cover.v1.CoverService` of `/covergen.cover.v1.CoverService/Generate`.
fn service_of(path: &str) -> Box<str> {
    let path = path.trim_start_matches('/');
    path.split('/').next().unwrap_or_default().into()
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
