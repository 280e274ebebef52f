//! One call, from admission to the backend's answer.

use std::time::Duration;

use covergen_grpc::{post, refusal};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::Instant;
use tonic::Code;

use super::bounded::Bounded;
use super::{frame, watch};
use crate::admit::{self, Admitted};
use crate::app::App;
use crate::edge::Edge;
use crate::gate::CredentialSource;
use crate::problem::Problem;
use crate::problem::from_status::{INTERNAL_MESSAGE, is_internal};
use crate::route::{Route, SessionEffect};
use crate::session::wants_cookies;
use crate::stream::{Ask, MOST_ASKED_BYTES, trailers};
use crate::{deadline, deprecation};

type GrpcRequest = http::Request<tonic::body::Body>;
pub(super) type GrpcResponse = http::Response<tonic::body::Body>;

/// Largest request message, in bytes, its frame included.
const MAX_REQUEST_BYTES: usize = 4 * 1024 * 1024;

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const GRPC_DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");

pub(super) async fn forward(
    app: &App,
    edge: &Edge,
    request: GrpcRequest,
) -> Result<GrpcResponse, Problem> {
    let (parts, body) = request.into_parts();
    let route = app.surface.rpc(parts.uri.path()).ok_or_else(no_such_rpc)?;
    let admitted = admit::admit(app, route, &Method::POST, &parts.headers, edge).await?;
    refuse_cookie_session(route, &parts.headers, &admitted)?;
    if let Some(decision) = admitted.decision.filter(|decision| !decision.allowed) {
        return Err(admit::exhausted(&decision));
    }
    let timeout = timeout(route, &parts.headers)?;
    let started = Instant::now();
    let message = read(app, body, is_packed(&parts.headers)).await?;
    let mut headers = HeaderMap::new();
    edge.forward(&parts.headers, &admitted.caller, &mut headers);
    route.same_for_all(&mut headers);
    // One that is compressed says the same in other bytes.
    let is_plain = message.first() == Some(&0) && message.len() <= MOST_ASKED_BYTES;
    if let Some(sight) = admitted.caller.sight.filter(|_| route.shared && is_plain) {
        let ask = Ask {
            backend: app.backend(route)?.clone(),
            path: route.grpc_path,
            headers,
            message,
            sight,
        };
        let limit = limit(route, timeout);
        let answer = cleaned(watch::answer(app, route, ask, limit).await?, route);
        return Ok(ended_in_time(answer, timeout, started, edge));
    }
    for name in ["grpc-encoding", "grpc-accept-encoding"] {
        if let Some(value) = parts.headers.get(name) {
            headers.insert(name, value.clone());
        }
    }
    if let Some(timeout) = timeout {
        headers.insert(deadline::GRPC_TIMEOUT, deadline::to_header(timeout));
    }
    let request = post(route.grpc_path, headers, message);
    let answer = cleaned(call(app, route, request, timeout).await?, route);
    Ok(ended_in_time(answer, timeout, started, edge))
}

/// How long the answer's beginning may take.
fn limit(route: &Route, timeout: Option<Duration>) -> Duration {
    timeout.unwrap_or(Duration::from_millis(u64::from(route.deadline_ms)))
}

fn ended_in_time(
    answer: GrpcResponse,
    timeout: Option<Duration>,
    started: Instant,
    edge: &Edge,
) -> GrpcResponse {
    match timeout {
        Some(timeout) => bounded(answer, started + timeout, edge),
        None => answer,
    }
}

fn no_such_rpc() -> Problem {
    Problem::new(
        Code::Unimplemented,
        "NO_SUCH_RPC",
        "There is no such RPC at this address.",
    )
}

/// Tokens reach a browser's cookies by REST only: here the answer is not
/// decoded, so they would end up where scripts can read them.
fn refuse_cookie_session(
    route: &Route,
    headers: &HeaderMap,
    admitted: &Admitted,
) -> Result<(), Problem> {
    let by_cookie = wants_cookies(headers) || admitted.source == Some(CredentialSource::Cookie);
    if route.session == SessionEffect::None || !by_cookie {
        return Ok(());
    }
    Err(Problem::new(
        Code::FailedPrecondition,
        "SESSION_NEEDS_REST",
        "A browser session opens, renews and ends by REST.",
    ))
}

/// Unary calls have the route's deadline or the caller's, whichever is
/// sooner; streams have only what the caller asks for.
fn timeout(route: &Route, headers: &HeaderMap) -> Result<Option<Duration>, Problem> {
    let asked = deadline::asked(headers)?;
    if route.streaming {
        return Ok(asked);
    }
    let own = Duration::from_millis(u64::from(route.deadline_ms));
    Ok(Some(asked.map_or(own, |asked| asked.min(own))))
}

/// Whether the request says how its message is compressed.
fn is_packed(headers: &HeaderMap) -> bool {
    let encoding = headers.get("grpc-encoding");
    encoding.is_some_and(|encoding| encoding != "identity")
}

async fn read(
    app: &App,
    body: tonic::body::Body,
    may_be_packed: bool,
) -> Result<bytes::Bytes, Problem> {
    let limit = Duration::from_millis(app.config.body_timeout_ms);
    let whole = Limited::new(body, MAX_REQUEST_BYTES).collect();
    match tokio::time::timeout(limit, whole).await {
        Ok(Ok(collected)) => {
            let bytes = collected.to_bytes();
            frame::check_single(&bytes, may_be_packed)?;
            Ok(bytes)
        }
        Ok(Err(error)) if error.downcast_ref::<LengthLimitError>().is_some() => Err(Problem::new(
            Code::ResourceExhausted,
            "BODY_TOO_LARGE",
            format!("The request message is larger than {MAX_REQUEST_BYTES} bytes."),
        )),
        Ok(Err(_)) => Err(Problem::invalid(
            "MALFORMED_GRPC",
            "The request body is not well-formed gRPC-web.",
        )),
        Err(_) => Err(Problem::new(
            Code::DeadlineExceeded,
            "BODY_TIMEOUT",
            "The request body did not arrive in time.",
        )),
    }
}

async fn call(
    app: &App,
    route: &'static Route,
    request: GrpcRequest,
    timeout: Option<Duration>,
) -> Result<GrpcResponse, Problem> {
    let backend = app.backend(route)?;
    let answered = async { backend.send(request).await };
    // The backend enforces the deadline as well; this one bounds the wait
    // when the backend cannot be reached at all.
    let limit = limit(route, timeout);
    let started = Instant::now();
    let is_over = |code| deadline::is_over(code, started, limit);
    match tokio::time::timeout(limit, answered).await {
        Ok(Ok(response)) if code(response.headers()).is_some_and(is_over) => Err(deadline::over()),
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => {
            let status = refusal(error);
            if is_over(status.code()) {
                return Err(deadline::over());
            }
            // A transport in this process hands refusals on as errors, too.
            if status.code() == Code::Unavailable {
                tracing::warn!(
                    rpc = route.name,
                    message = status.message(),
                    "the backend could not be reached"
                );
            }
            Err(Problem::from_answer(&status, route))
        }
        Err(_) => Err(deadline::over()),
    }
}

/// The answer, ended at the caller's deadline.
fn bounded(answer: GrpcResponse, deadline: Instant, edge: &Edge) -> GrpcResponse {
    let over = deadline::over().with_request_id(&edge.request_id);
    let told = trailers(&over);
    answer.map(|body| tonic::body::Body::new(Bounded::new(body, deadline, told)))
}

/// The answer with internals removed: its headers are cut down to gRPC's own
/// and what an internal fault says is replaced, in headers and in trailers.
fn cleaned(answer: GrpcResponse, route: &'static Route) -> GrpcResponse {
    let (mut parts, body) = answer.into_parts();
    let mut headers = HeaderMap::new();
    for (name, value) in &parts.headers {
        if name == CONTENT_TYPE || name.as_str().starts_with("grpc-") {
            headers.append(name.clone(), value.clone());
        }
    }
    clean_status(&mut headers, route);
    deprecation::tell(route, deprecation::successor_rpc(route), &mut headers);
    parts.headers = headers;
    let body = body.map_frame(move |frame| match frame.into_trailers() {
        Ok(mut trailers) => {
            clean_status(&mut trailers, route);
            http_body::Frame::trailers(trailers)
        }
        Err(data) => data,
    });
    http::Response::from_parts(parts, tonic::body::Body::new(body))
}

fn clean_status(headers: &mut HeaderMap, route: &Route) {
    let code = code(headers);
    if !code.is_some_and(is_internal) {
        return;
    }
    // What a service says beside its status may tell of its inside as well.
    let beside: Vec<HeaderName> = headers
        .keys()
        .filter(|name| !name.as_str().starts_with("grpc-") && *name != CONTENT_TYPE)
        .cloned()
        .collect();
    for name in beside {
        headers.remove(name);
    }
    let message = headers.insert(GRPC_MESSAGE, HeaderValue::from_static(INTERNAL_MESSAGE));
    headers.remove(GRPC_DETAILS);
    tracing::error!(rpc = route.name, ?code, ?message, "the backend failed");
}

/// The status that headers or trailers carry, if they do.
fn code(headers: &HeaderMap) -> Option<Code> {
    let value = headers.get(GRPC_STATUS)?;
    Some(Code::from_bytes(value.as_bytes()))
}
