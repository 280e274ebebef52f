//! A call as a transport hands it to the server stack.

use std::sync::Arc;

use http::request::Parts;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{RequestId, TraceParent, body::Content};

/// A request, with what its transport knows of it.
pub(crate) struct Arrival {
    /// Its extensions hold the `Peer`.
    pub(crate) head: Parts,
    pub(crate) content: Content,
    pub(crate) told: Told,
    /// Cancelled when its connection is about to be closed under its streams.
    pub(crate) draining: Option<Arc<CancellationToken>>,
}

/// What headers say, from a caller in this process, whose word need not be
/// read from text. The headers say it as well, to guards and handlers.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) request_id: Option<RequestId>,
    pub(crate) trace_parent: Option<TraceParent>,
    /// When the caller stops waiting, less the time an answer takes home.
    pub(crate) ends_at: Option<Instant>,
}
