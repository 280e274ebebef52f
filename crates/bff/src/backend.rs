//! The way to a service, whatever transport is behind it.

use bytes::Bytes;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

/// Any error a transport may give.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A channel to one service: cheap to clone, one type for every transport so
/// that generated code stays free of type parameters.
#[derive(Clone)]
pub struct Backend(
    BoxCloneSyncService<
        http::Request<tonic::body::Body>,
        http::Response<tonic::body::Body>,
        BoxError,
    >,
);

impl Backend {
    /// Wraps a tower service that speaks gRPC over HTTP bodies, such as a
    /// tonic or mesh channel.
    pub fn new<S, B>(service: S) -> Self
    where
        S: Service<http::Request<tonic::body::Body>, Response = http::Response<B>>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let service = service
            .map_response(|response: http::Response<B>| response.map(tonic::body::Body::new))
            .map_err(Into::into);
        Self(BoxCloneSyncService::new(service))
    }
}

impl Backend {
    /// The same backend, whose request bodies pass through `wrap`.
    pub(crate) fn wrapping(
        self,
        wrap: impl Fn(tonic::body::Body) -> tonic::body::Body + Clone + Send + Sync + 'static,
    ) -> Self {
        let wrapped = self
            .0
            .map_request(move |request: http::Request<tonic::body::Body>| request.map(&wrap));
        Self(BoxCloneSyncService::new(wrapped))
    }
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Backend")
    }
}

impl Service<http::Request<tonic::body::Body>> for Backend {
    type Response = http::Response<tonic::body::Body>;
    type Error = BoxError;
    type Future = futures::future::BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(
        &mut self,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<tonic::body::Body>) -> Self::Future {
        self.0.call(request)
    }
}
