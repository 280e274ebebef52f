//! Spreads the calls to one target over its endpoints.
//!
//! In reading order: `pool` (which endpoints there are), `pick` (which one
//! gets a call), `load` and `standing` (what is known of one), `outlier` and
//! `health` (what takes one out).

mod health;
mod load;
mod outlier;
mod pick;
mod pool;
mod ring;
mod standing;

use std::{sync::Arc, time::Duration};

use http::Response;
use tokio::time::Instant;
use tonic::body::Body;

pub(crate) use load::{InFlight, Load, Loaded};
pub(crate) use outlier::{FailurePercentage, OutlierRules, SuccessRate};
pub(crate) use pick::{Algorithm, DEFAULT_DECAY};
pub(crate) use pool::{Pool, PoolSetup};
pub(crate) use ring::hash;
pub(crate) use standing::Standing;

use crate::{
    body::{OnCut, watch},
    client::{Call, CallData, Patience, Verdict, judge},
    hop::{Failure, Hop},
    transport::Endpoint,
};

/// Connections that may close under a call before it is given up.
const MAX_HANDBACKS: usize = 4;

/// How a target's endpoints are used.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BalanceRules {
    /// Off where a proxy does all this: the first endpoint gets every call.
    pub(crate) layers_on: bool,
    pub(crate) algorithm: Algorithm,
    pub(crate) decay: Duration,
    pub(crate) slow_start: Duration,
    pub(crate) outlier: Option<OutlierRules>,
    pub(crate) health: Option<HealthRules>,
}

/// How endpoints are asked for their health (`grpc.health.v1`).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HealthRules {
    /// The service to ask about; empty asks about the whole server.
    pub(crate) service: String,
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
}

impl BalanceRules {
    /// How endpoints are asked for their health, if they are.
    fn asked(&self) -> Option<&HealthRules> {
        self.health.as_ref().filter(|_| self.layers_on)
    }
}

impl Default for HealthRules {
    fn default() -> Self {
        Self {
            service: String::new(),
            interval: Duration::from_secs(10),
            timeout: Duration::from_secs(5),
        }
    }
}

impl Default for BalanceRules {
    fn default() -> Self {
        Self {
            layers_on: true,
            algorithm: Algorithm::PeakEwma,
            decay: DEFAULT_DECAY,
            slow_start: Duration::from_secs(10),
            outlier: Some(OutlierRules::default()),
            health: Some(HealthRules::default()),
        }
    }
}

/// Gives each attempt an endpoint, and each endpoint its record.
///
/// Above the layer that reads answers to their status, so that the record is
/// of what was answered; below the breaker, which judges the target as a
/// whole. In process there is nothing to choose from.
pub(crate) struct Balance<H> {
    pool: Option<Arc<Pool>>,
    inner: H,
}

impl<H> Balance<H> {
    pub(crate) fn new(pool: Option<Arc<Pool>>, inner: H) -> Self {
        Self { pool, inner }
    }
}

impl<H: Hop<Call, Answer = Response<Body>, Failure = Failure>> Hop<Call> for Balance<H> {
    type Answer = Response<Body>;
    type Failure = Failure;

    async fn call(&self, mut call: Call) -> Result<Response<Body>, Failure> {
        let Some(pool) = &self.pool else {
            return self.inner.call(call).await;
        };
        let is_unary = call.method.is_unary();
        let patience = Patience::of(&call);
        for _ in 0..MAX_HANDBACKS {
            let CallData {
                head, avoid, at, ..
            } = &mut *call;
            let lease = pool.lease(&head.headers, *avoid, at).await?;
            if let Some(trail) = &call.trail {
                trail.note(lease.endpoint.id());
            }
            tracing::debug!(
                endpoint = lease.endpoint.name(),
                attempt = call.previous_attempts + 1,
                "attempt"
            );
            let mut attempt = Attempt::begin(pool, Arc::clone(&lease.endpoint), patience, call.at);
            call.lease = Some(lease);
            let mut failure = match self.inner.call(call).await {
                Ok(response) => {
                    let in_flight = attempt.end(Verdict::Healthy);
                    return Ok(match in_flight {
                        Some(in_flight) if !is_unary => {
                            response.map(|body| watch(body, in_flight, OnCut::Trailers))
                        }
                        _ => response,
                    });
                }
                Err(failure) => failure,
            };
            failure.endpoint = attempt.endpoint.id();
            match failure.returned.take() {
                // It came back untouched, from the queue of a connection that
                // closed: not an attempt, so even a stream may go elsewhere.
                Some(returned) => {
                    attempt.void();
                    call = returned;
                    call.at = Instant::now();
                }
                None => {
                    let broke = std::mem::take(&mut failure.one_of_many);
                    attempt.end(judge(&failure, &patience));
                    failure.one_of_many = broke && pool.has_another(attempt.endpoint.id());
                    return Err(failure);
                }
            }
        }
        let message = format!("every connection to {} closed at once", pool.target());
        Err(Failure::not_taken(message))
    }
}

/// One attempt at one endpoint. Dropped without an end, it was given up from
/// above: by the deadline, which counts, or by a caller or a faster hedge.
struct Attempt<'a> {
    pool: &'a Arc<Pool>,
    endpoint: Arc<Endpoint>,
    in_flight: Option<InFlight<Endpoint>>,
    began: Instant,
    patience: Patience,
}

impl<'a> Attempt<'a> {
    fn begin(
        pool: &'a Arc<Pool>,
        endpoint: Arc<Endpoint>,
        patience: Patience,
        began: Instant,
    ) -> Self {
        Self {
            pool,
            in_flight: Some(InFlight::begin(Arc::clone(&endpoint))),
            endpoint,
            began,
            patience,
        }
    }

    fn end(&mut self, verdict: Verdict) -> Option<InFlight<Endpoint>> {
        let in_flight = self.in_flight.take()?;
        let now = Instant::now();
        self.pool
            .record(&self.endpoint, verdict, now - self.began, now);
        Some(in_flight)
    }

    fn void(&mut self) {
        self.in_flight = None;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.in_flight.is_some() {
            self.end(if self.patience.ran_out() {
                Verdict::Failing
            } else {
                Verdict::Unclear
            });
        }
    }
}
