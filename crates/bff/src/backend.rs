//! The way to a service, whatever transport is behind it.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::future::BoxFuture;
use tonic::body::Body;
use tower::{Service, ServiceExt};

/// Any error a transport may give.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

type Answer = Result<http::Response<Body>, BoxError>;

/// A channel to one service: cheap to clone, one type for every transport so
/// that generated code stays free of type parameters.
#[derive(Clone)]
pub struct Backend(Arc<dyn Transport>);

/// A service behind one pointer. Every call has a clone of the service to
/// itself, and is made once that is ready.
trait Transport: Send + Sync {
    fn call(&self, request: http::Request<Body>) -> BoxFuture<'static, Answer>;
}

struct Of<S>(S);

impl<S, F, B> Transport for Of<S>
where
    S: Service<http::Request<Body>, Response = http::Response<B>, Future = F>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Error: Into<BoxError>,
    F: Future<Output = Result<http::Response<B>, S::Error>> + Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn call(&self, request: http::Request<Body>) -> BoxFuture<'static, Answer> {
        let service = self.0.clone();
        Box::pin(async move {
            let response = service.oneshot(request).await.map_err(Into::into)?;
            Ok(response.map(Body::new))
        })
    }
}

impl Backend {
    /// Wraps a tower service that speaks gRPC over HTTP bodies, such as a
    /// tonic or mesh channel.
    pub fn new<S, B>(service: S) -> Self
    where
        S: Service<http::Request<Body>, Response = http::Response<B>>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(Arc::new(Of(service)))
    }

    /// Makes one call.
    pub(crate) fn send(&self, request: http::Request<Body>) -> BoxFuture<'static, Answer> {
        self.0.call(request)
    }

    /// The same backend, whose request bodies pass through `wrap`.
    pub(crate) fn wrapping(
        self,
        wrap: impl Fn(Body) -> Body + Clone + Send + Sync + 'static,
    ) -> Self {
        Self::new(self.map_request(move |request: http::Request<Body>| request.map(&wrap)))
    }
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Backend")
    }
}

impl Service<http::Request<Body>> for Backend {
    type Response = http::Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Answer>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        self.send(request)
    }
}
