//! What a generated client calls.

use std::{
    collections::BTreeMap,
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use arc_swap::ArcSwap;
use futures::future::BoxFuture;
use http::{Request, Response};
use tokio::time::Instant;
use tonic::{Status, body::Body};
use tower::Service;

use crate::{
    CallContext,
    body::Content,
    client::{CallData, Front, Latencies, Methods},
    hop::Hop,
};

/// One target with all that its channels share.
pub(crate) struct Target {
    pub(crate) address: String,
    pub(crate) front: Front,
    /// Replaced when the policy changes.
    pub(crate) methods: ArcSwap<Methods>,
    pub(crate) latencies: Latencies,
    /// By route: the targets that calls may go to, with their weights.
    pub(crate) splits: ArcSwap<Vec<BTreeMap<String, u32>>>,
}

/// A way to one target, for `SomeServiceClient::new(channel)`.
///
/// Always ready: whether a call may be made is decided call by call. Clones
/// are cheap and share everything. Failures of the mesh itself are statuses
/// like those of the target. In-process and TCP targets behave alike.
#[derive(Clone)]
pub struct Channel {
    target: Arc<Target>,
}

impl Channel {
    pub(crate) fn new(target: Arc<Target>) -> Self {
        Self { target }
    }
}

impl Service<Request<Body>> for Channel {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let target = Arc::clone(&self.target);
        let (mut head, body) = request.into_parts();
        // Read here and not in the future, which may be polled elsewhere.
        let attached = head.extensions.remove::<CallContext>();
        let context = attached.or_else(CallContext::current);
        let now = Instant::now();
        let call = Box::new(CallData {
            method: target.methods.load().find(head.uri.path()),
            head,
            body: Content::Streamed(body),
            at: now,
            began: now,
            context,
            deadline: None,
            trace_parent: None,
            way: None,
            request_id: None,
            previous_attempts: 0,
            avoid: 0,
            trail: None,
            lease: None,
        });
        Box::pin(async move { target.front.call(call).await })
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Channel({})", self.target.address)
    }
}
