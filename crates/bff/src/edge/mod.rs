//! The outermost layer: what every request and every answer gets.

mod cors;
mod peer;
mod request_id;
mod security;
mod strip;

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use tracing::Instrument;

use crate::app::App;
use crate::gate::Caller;
use crate::problem::Problem;
use crate::signed;
use crate::trace::TraceParent;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const FORWARDED_AGENT: HeaderName = HeaderName::from_static("x-forwarded-user-agent");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
pub(crate) const WORKSPACE: HeaderName = HeaderName::from_static("covergen-workspace");
/// Names a group of callers, such as `beta`, for whom the mesh may have other
/// ways.
pub(crate) const USER_TYPE: HeaderName = HeaderName::from_static("x-user-type");
const MAX_USER_TYPE_BYTES: usize = 64;

/// What the edge found out about a request.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    pub(crate) request_id: Arc<str>,
    pub(crate) trace: TraceParent,
    pub(crate) peer: Option<IpAddr>,
    /// Id of the key whose signature the request bears, once it is checked.
    pub(crate) signed_by: Option<Arc<str>>,
}

impl Edge {
    /// Writes the metadata of a backend call: what the caller is vouched for
    /// with and what tells requests apart, and nothing else from outside.
    pub(crate) fn forward(&self, from: &HeaderMap, caller: &Caller, into: &mut HeaderMap) {
        for name in [ACCEPT_LANGUAGE, USER_AGENT, WORKSPACE] {
            if let Some(value) = from.get(&name) {
                into.insert(name, value.clone());
            }
        }
        if let Some(value) = from.get(USER_TYPE).filter(|value| is_user_type(value)) {
            into.insert(USER_TYPE, value.clone());
        }
        // Channels put their own name into user-agent.
        if let Some(agent) = from.get(USER_AGENT) {
            into.insert(FORWARDED_AGENT, agent.clone());
        }
        if let Ok(value) = HeaderValue::from_str(&self.request_id) {
            into.insert(REQUEST_ID, value);
        }
        into.insert(TRACEPARENT, self.trace.header());
        let peer = self.peer.map(|peer| peer.to_string());
        if let Some(Ok(value)) = peer.map(HeaderValue::try_from) {
            into.insert(FORWARDED_FOR, value);
        }
        for (name, value) in &caller.metadata {
            into.insert(name.clone(), value.clone());
        }
    }
}

/// A short word, which every hop may carry and log.
fn is_user_type(value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    (1..=MAX_USER_TYPE_BYTES).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

/// Runs around everything: names the request, strips what outsiders may not
/// send, answers preflights, checks signatures, catches panics, and finishes
/// every answer.
pub(crate) async fn around(
    app: &App,
    mut request: Request,
    inner: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let started = Instant::now();
    let request_id = request_id::establish(request.headers());
    let span = tracing::info_span!(
        "http",
        otel.kind = "server",
        method = %request.method(),
        path = request.uri().path(),
        requestId = &*request_id,
        traceId = tracing::field::Empty,
        rpc = tracing::field::Empty,
        userId = tracing::field::Empty,
    );
    let edge = Edge {
        trace: TraceParent::of(request.headers(), &span, app.traces.as_deref()),
        request_id: request_id.clone(),
        peer: peer::of(&request, app.config.forwarded_hops),
        signed_by: None,
    };
    span.record("traceId", edge.trace.trace_id());
    strip::internal_headers(request.headers_mut());
    let cors = cors::judge(
        &app.config.allowed_origins,
        request.method(),
        request.headers(),
    );
    let is_app_page = !app.surface.is_api(request.uri().path());
    request.extensions_mut().insert(edge);
    let mut response = if let Some(preflight) = cors.preflight() {
        preflight
    } else {
        run(signed::answer(app, request, inner), &request_id)
            .instrument(span.clone())
            .await
    };
    cors.allow(response.headers_mut());
    security::apply(
        response.headers_mut(),
        is_app_page,
        app.config.secure_cookies,
    );
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    span.in_scope(|| {
        tracing::info!(
            status = response.status().as_u16(),
            elapsedMs = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "answered"
        );
    });
    response
}

/// A panic is a bug, never an answer: it is logged and the caller is told
/// only that something went wrong.
async fn run(answer: impl Future<Output = Response>, request_id: &str) -> Response {
    let answered = AssertUnwindSafe(answer).catch_unwind().await;
    answered.unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        tracing::error!(message, "a handler panicked");
        Problem::internal()
            .with_request_id(request_id)
            .into_response()
    })
}
