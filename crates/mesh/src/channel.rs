//! What a generated client calls.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use http::{Request, Response};
use tonic::{Status, body::Body};
use tower::Service;

use crate::{
    CallContext, TargetSnapshot,
    client::{BreakerHandle, Call, Methods, Rooms, Stack},
    config::Address,
    hop::Hop,
    transport::Transport,
};

/// One target with all that its channels share.
pub(crate) struct Target {
    pub(crate) address: Address,
    pub(crate) breaker: BreakerHandle,
    pub(crate) rooms: Rooms,
    pub(crate) transport: Transport,
    pub(crate) stack: Stack,
    pub(crate) methods: Methods,
}

impl Target {
    pub(crate) fn snapshot(&self) -> TargetSnapshot {
        TargetSnapshot {
            address: self.address.to_string(),
            breaker: self.breaker.snapshot(),
            in_flight: self.rooms.snapshot(),
            endpoints: self.transport.endpoints(),
        }
    }
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
        let call = Call {
            method: target.methods.find(head.uri.path()),
            head,
            body,
            context,
            deadline: None,
            trace_parent: None,
            previous_attempts: 0,
        };
        Box::pin(async move { target.stack.call(call).await })
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Channel({})", self.target.address)
    }
}
