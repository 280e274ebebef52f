//! What a listener hands requests to.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures::future::BoxFuture;
use http::header::{ACCEPT_ENCODING, VARY};
use http::{HeaderValue, StatusCode};
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt as _, service_fn};
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

use crate::app::App;
use crate::dispatch;
use crate::route::Surface;
use crate::stream::Socket;
use crate::{accept, docs, edge, health};

/// Answers shorter than this are not worth compressing, in bytes.
const WORTH_COMPRESSING: u64 = 512;

/// An assembled BFF: a service that answers every request. Clones share it.
///
/// Generated routes are found without the router that serves the fixed ones,
/// since they are what is asked for and every layer costs each request.
#[derive(Clone)]
pub struct Front(Arc<Inner>);

struct Inner {
    app: Arc<App>,
    fixed: Router,
}

impl Front {
    /// In front of the generated routes, the fixed ones and the host's own.
    pub(crate) fn new(app: Arc<App>, more: Router) -> Self {
        let fixed = documents(app.surface)
            .route("/health/live", get(health::live))
            .route("/health/ready", get(health::ready))
            .route("/openapi.json", get(docs::openapi))
            .route("/docs", get(docs::page))
            .route("/docs/docs.js", get(docs::script))
            .route("/docs/docs.css", get(docs::style))
            .method_not_allowed_fallback(dispatch::only_get)
            .fallback(dispatch::not_found)
            .with_state(app.clone())
            .merge(more);
        Self(Arc::new(Inner { app, fixed }))
    }

    /// Cancelled when the server begins to shut down.
    pub(crate) fn closing(&self) -> CancellationToken {
        self.0.app.closing.clone()
    }

    /// Tells those who would stay for ever, which WebSockets do, that the
    /// server is going, and waits until they have gone.
    pub(crate) async fn close(&self) {
        let app = &self.0.app;
        app.closing.cancel();
        let places = Socket::most(app.config.max_sockets);
        // Nobody closes the semaphore; what is returned is every place in it.
        let _ = app.sockets.acquire_many(places).await;
    }

    /// One request, outermost first: everything inside gets an id, a span and
    /// safe headers.
    async fn answer(self, request: Request) -> Response {
        let accepted = request.headers().get(ACCEPT_ENCODING).cloned();
        edge::around(&self.0.app, request, async |request| {
            compressed(accepted, self.route(request).await).await
        })
        .await
    }

    async fn route(&self, mut request: Request) -> Response {
        let app = &self.0.app;
        // Before any work is done for an answer that could not be sent.
        if let Err(problem) = accept::require_encoding(request.headers()) {
            let id = dispatch::edge_of(&request).request_id;
            return problem.with_request_id(&id).into_response();
        }
        match dispatch::find(app, &mut request) {
            Some(found) => dispatch::dispatch(Arc::clone(app), found, request).await,
            None => {
                let Ok(response) = self.0.fixed.clone().oneshot(request).await;
                response
            }
        }
    }
}

/// Where the versions stand side by side, each has its document and its page.
fn documents(surface: &'static Surface) -> Router<Arc<App>> {
    let mut router = Router::new();
    if surface.versions.len() < 2 {
        return router;
    }
    for version in surface.versions {
        let document = move |headers| docs::document(headers, version);
        router = router
            .route(&format!("{}/openapi.json", version.prefix), get(document))
            .route(&format!("{}/docs", version.prefix), get(docs::page));
    }
    router
}

/// The answer in an encoding that the caller accepts, if it is worth it.
async fn compressed(accepted: Option<HeaderValue>, mut response: Response) -> Response {
    let length = response.body().size_hint().exact();
    if length.is_some_and(|length| length < WORTH_COMPRESSING) {
        // What stands for a longer answer says what that would depend on.
        if response.status() == StatusCode::NOT_MODIFIED {
            let headers = response.headers_mut();
            headers.append(VARY, HeaderValue::from_static("accept-encoding"));
        }
        return response;
    }
    // Streams are left alone: a compressor holds bytes back, and event
    // streams live by each frame arriving at once.
    let worth_compressing = SizeAbove::new(WORTH_COMPRESSING)
        .and(NotForContentType::GRPC)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::SSE)
        .and(NotForContentType::const_new("application/x-ndjson"))
        .and(NotForContentType::const_new("application/octet-stream"))
        .and(NotForContentType::const_new("application/zip"))
        .and(NotForContentType::const_new("font/"));
    let layer = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(worth_compressing);
    let mut asked = Request::new(());
    if let Some(accepted) = accepted {
        asked.headers_mut().insert(ACCEPT_ENCODING, accepted);
    }
    let mut response = Some(response);
    let service = service_fn(move |_: Request<()>| {
        let response = response.take().unwrap_or_default();
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let Ok(response) = tower::Layer::layer(&layer, service).oneshot(asked).await;
    response.map(Body::new)
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let front = self.clone();
        Box::pin(async move { Ok(front.answer(request).await) })
    }
}

impl std::fmt::Debug for Front {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Front")
            .field("audience", &self.0.app.surface.audience)
            .finish_non_exhaustive()
    }
}
