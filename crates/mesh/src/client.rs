//! The client stack: everything between a generated client and the wire.

mod back;
mod breaker;
mod budget;
mod budgets;
mod bulkhead;
mod call;
mod circuit;
mod deadline;
mod fallback;
mod faults;
mod hedge;
mod inject;
mod lookout;
mod observe;
mod retry;
mod settle;
mod split;
mod verdict;

use std::sync::Arc;

pub(crate) use back::{Back, BackSetup};
pub use breaker::BreakerSnapshot;
pub(crate) use budgets::Budgets;
pub use bulkhead::BulkheadSnapshot;
pub(crate) use bulkhead::Rooms;
pub(crate) use call::{Call, CallData, Latencies, Methods, MethodsSetup, Spare};
pub use circuit::CircuitState;
pub use fallback::FALLBACK_HEADER;
pub(crate) use hedge::Trail;
pub(crate) use inject::{AGENT, RESERVE};
pub(crate) use lookout::Lookout;
pub(crate) use retry::Backoff;
pub(crate) use split::Route;
pub(crate) use verdict::{Patience, Verdict, judge};

use crate::ClientHooks;
use deadline::Deadline;
use observe::Observe;
use split::{Chooser, Split};

/// The layers that a call meets under the name it was made by, outermost first.
pub(crate) type Front = Observe<Deadline<Split>>;

/// One target's names, as every layer labels them.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    /// The calling service.
    pub(crate) source: Arc<str>,
    /// The called service.
    pub(crate) target: Arc<str>,
}

/// Builds the front; the rest is in [`Back`], one per target that calls may
/// end at.
pub(crate) fn front(edge: &Edge, hooks: &ClientHooks, own: Arc<Back>) -> Front {
    // One span and one measurement per call as its maker sees it, attempts included.
    Observe::new(
        edge.clone(),
        Arc::clone(&hooks.propagator),
        // Once per call: its attempts stay with one target.
        Chooser::new(hooks.principal),
        // Above the retries, so that attempts and waits share one deadline.
        Deadline::new(
            // To the target that it goes to.
            Split::new(own),
        ),
    )
}
