//! The client stack: everything between a generated client and the wire.
//!
//! Policies to come have their place in the order: traffic split, faults and
//! hedging between deadline and retry's attempts, balancing and ejection
//! inside the transport, where single endpoints are known.

mod breaker;
mod budget;
mod bulkhead;
mod call;
mod circuit;
mod deadline;
mod inject;
mod observe;
mod retry;
mod settle;

use std::sync::Arc;

pub(crate) use breaker::BreakerHandle;
pub use breaker::BreakerSnapshot;
pub use bulkhead::BulkheadSnapshot;
pub(crate) use bulkhead::Rooms;
pub(crate) use call::{Call, Methods};
pub use circuit::CircuitState;

use crate::{ClientHooks, config::Policy, transport::Transport};
use breaker::Breaker;
use bulkhead::Bulkhead;
use deadline::Deadline;
use inject::Inject;
use observe::Observe;
use retry::Retry;
use settle::Settle;

/// The layers, outermost first.
pub(crate) type Stack = Observe<Deadline<Retry<Breaker<Bulkhead<Settle<Inject<Transport>>>>>>>;

/// One target's names, as every layer labels them.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    /// The calling service.
    pub(crate) source: Arc<str>,
    /// The called service.
    pub(crate) target: Arc<str>,
}

/// Builds the stack; the order of the layers is the order a call meets them.
pub(crate) fn stack(
    edge: &Edge,
    policy: &Policy,
    hooks: &ClientHooks,
    breaker: BreakerHandle,
    rooms: Rooms,
    transport: Transport,
) -> Stack {
    // One span and one measurement per call as its maker sees it, attempts included.
    Observe::new(
        edge.clone(),
        Arc::clone(&hooks.propagator),
        // Above the retries, so that attempts and waits share one deadline.
        Deadline::new(
            // The one place that tries again.
            Retry::new(
                edge.clone(),
                policy,
                // Below the retries: each attempt counts, and an open breaker ends them.
                Breaker::new(
                    breaker,
                    // Below the breaker: waiting for room says nothing about the target.
                    Bulkhead::new(
                        edge.clone(),
                        rooms,
                        // Reads answers to their status, so that the layers above
                        // judge what was answered and not just that something was.
                        Settle::new(
                            // Headers of this very attempt: token, trace, time left.
                            Inject::new(
                                edge.clone(),
                                hooks.tokens.clone(),
                                // In this process or over HTTP/2.
                                transport,
                            ),
                        ),
                    ),
                ),
            ),
        ),
    )
}
