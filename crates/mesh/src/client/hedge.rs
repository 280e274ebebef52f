//! Sends a second attempt beside a slow first one, and takes what comes first.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::Response;
use tokio::time::{Instant, sleep};
use tonic::{Code, body::Body};

use super::{Budgets, Call, Edge, Spare, call::Hedging};
use crate::{
    body::{Collected, Content},
    decisions::{DecisionKind, Decisions},
    hop::{Failure, Hop, Reach},
};

/// After gRFC A6, with one extra attempt: for idempotent unary methods that
/// ask for it, once a call takes longer than 95 of 100 do, as long as at most
/// one call in twenty is hedged and the retry budget has something left. The
/// attempt that loses is cancelled. UNAVAILABLE alone is non-fatal: any other
/// answer of either ends the call.
pub(crate) struct Hedge<H> {
    edge: Edge,
    budgets: Arc<Budgets>,
    decisions: Decisions,
    inner: H,
}

/// Where the first attempt went, for the second to go elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Trail(AtomicU64);

impl Trail {
    pub(crate) fn note(&self, endpoint: u64) {
        self.0.store(endpoint, Ordering::Relaxed);
    }
}

impl<H> Hedge<H> {
    pub(crate) fn new(edge: Edge, budgets: Arc<Budgets>, decisions: Decisions, inner: H) -> Self {
        Self {
            edge,
            budgets,
            decisions,
            inner,
        }
    }

    fn is_granted(&self, call: &Spare, after: Duration) -> bool {
        if !self.budgets.hedge(Instant::now()) {
            return false;
        }
        metrics::counter!("mesh_client_hedges_total",
            "source" => self.edge.source.to_string(), "target" => self.edge.target.to_string())
        .increment(1);
        let path = call.path();
        tracing::debug!(path, ?after, "hedging");
        let detail = format!("{path} after {} ms", after.as_millis());
        self.decisions
            .note(&self.edge.target, DecisionKind::Hedge, detail);
        true
    }
}

impl<H: Hop<Call, Answer = Response<Body>, Failure = Failure>> Hedge<H> {
    async fn hedged(
        &self,
        mut call: Call,
        held: Collected,
        hedging: &Hedging,
    ) -> Result<Response<Body>, Failure> {
        self.budgets.deposit_hedgeable(Instant::now());
        let Some(after) = hedging.delay.or_else(|| hedging.latency.p95()) else {
            return self.inner.call(call).await;
        };
        let trail = Arc::new(Trail::default());
        call.trail = Some(Arc::clone(&trail));
        let spare = Spare::of(&call, held);
        let mut first = pin!(self.inner.call(call));
        tokio::select! {
            biased;
            result = &mut first => return result,
            () = sleep(after) => {}
        }
        if !self.is_granted(&spare, after) {
            return first.await;
        }
        let mut second = spare.call();
        second.avoid = trail.0.load(Ordering::Relaxed);
        let mut second = pin!(self.inner.call(second));
        tokio::select! {
            biased;
            result = &mut first => match result {
                Err(failure) if !is_fatal(&failure) => second.await,
                result => result,
            },
            result = &mut second => match result {
                Err(failure) if !is_fatal(&failure) => first.await,
                result => result,
            },
        }
    }
}

/// Whether the other attempt is not waited for. What the target answered is the
/// call's answer, and the other would hear the same; that one could not be
/// carried out, or was refused by us, is not the call's while the other may
/// succeed.
fn is_fatal(failure: &Failure) -> bool {
    failure.reach == Reach::Sent && failure.status.code() != Code::Unavailable
}

impl<H: Hop<Call, Answer = Response<Body>, Failure = Failure>> Hop<Call> for Hedge<H> {
    type Answer = Response<Body>;
    type Failure = Failure;

    async fn call(&self, call: Call) -> Result<Response<Body>, Failure> {
        let method = Arc::clone(&call.method);
        let (Some(hedging), Content::Held(held)) = (&method.hedging, &call.body) else {
            return self.inner.call(call).await;
        };
        let held = held.clone();
        let began = Instant::now();
        let result = Box::pin(self.hedged(call, held, hedging)).await;
        if result.is_ok() {
            hedging.latency.record(began.elapsed());
        }
        result
    }
}
