//! From an HTTP request to its generated handler.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tonic::Code;

use crate::admit::{self, Admitted};
use crate::app::App;
use crate::call::Call;
use crate::edge::Edge;
use crate::json::Projection;
use crate::links::Links;
use crate::problem::Problem;
use crate::route::{Binding, SessionEffect};
use crate::stream::Socket;
use crate::{accept, assets, copies, deadline, deprecation, grpc_web, path, protocol, query};

/// Which generated code answers a request.
pub(crate) enum Found {
    /// The gRPC-web handler.
    Grpc,
    /// This binding, with the values of its path's variables.
    Binding(&'static Binding, Result<Vec<String>, Problem>),
    /// A path of ours that does not know the method.
    WrongMethod(path::Candidates),
}

/// Finds what answers a request; no generated route may.
pub(crate) fn find(app: &App, request: &mut Request) -> Option<Found> {
    if is_grpc(request.headers()) {
        return Some(Found::Grpc);
    }
    let segments = path::split(request.uri().path());
    let candidates = app.paths.find(&segments);
    if candidates.is_empty() {
        return None;
    }
    let method = protocol::meant(&candidates, request.method(), request.headers());
    let found = match choose(&candidates, &method) {
        Some(binding) => Found::Binding(binding, path::variables(binding, &segments)),
        None => Found::WrongMethod(candidates),
    };
    *request.method_mut() = method;
    Some(found)
}

/// Runs what was found.
pub(crate) async fn dispatch(app: Arc<App>, found: Found, request: Request) -> Response {
    let (binding, variables) = match found {
        Found::Binding(binding, variables) => (binding, variables),
        Found::Grpc => return grpc_web::serve(app, request).await,
        Found::WrongMethod(candidates) => return wrong_method(&app, &candidates, &request),
    };
    let edge = edge_of(&request);
    let is_head = request.method() == Method::HEAD;
    let successor = deprecation::successor(binding, request.uri().path());
    let mut limits = HeaderMap::new();
    let answered = run(app, binding, variables, request, edge.clone(), &mut limits).await;
    let mut response = answered
        .unwrap_or_else(|problem| problem.with_request_id(&edge.request_id).into_response());
    response.headers_mut().extend(limits);
    deprecation::tell(binding.route, successor, response.headers_mut());
    protocol::tell(binding.route, response.headers_mut());
    if is_head {
        // The headers, Content-Length included, stay as GET would send them.
        *response.body_mut() = Body::empty();
    }
    response
}

/// What no route answers goes to the web app.
pub(crate) async fn not_found(State(app): State<Arc<App>>, request: Request) -> Response {
    not_routed(&app, &request)
}

async fn run(
    app: Arc<App>,
    binding: &'static Binding,
    variables: Result<Vec<String>, Problem>,
    request: Request,
    edge: Edge,
    limits: &mut HeaderMap,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let route = binding.route;
    protocol::check(route, &parts.method, &parts.headers)?;
    let admitted = admit::admit(&app, route, &parts.method, &parts.headers, &edge).await?;
    let Admitted {
        caller,
        decision,
        source,
    } = admitted;
    if let Some(decision) = decision {
        decision.write_headers(route.rate, limits);
        if !decision.allowed {
            return Err(admit::exhausted(&decision));
        }
    }
    if binding.answer.is_some() && !route.streaming && !route.redirects {
        accept::require_json(&parts.headers)?;
    }
    let variables = variables?;
    let mut query = query::parse(parts.uri.query().unwrap_or_default())?;
    let projection = take_projection(binding, &mut query)?;
    if route.resumes {
        take_last_event(&mut query, &mut parts.headers)?;
    }
    let socket = Socket::of(&app, binding, &mut parts, source).await?;
    let mut call = Call {
        timeout: deadline::asked(&parts.headers)?,
        links: Links::of(&parts.headers, app.surface.links_by_default),
        socket,
        app,
        binding,
        method: parts.method,
        headers: parts.headers,
        query,
        body: Some(body),
        variables,
        caller,
        edge,
        projection,
        answer_headers: Vec::new(),
        omitted: Vec::new(),
        fallback: Arc::default(),
        uses_cookies: false,
        gone: false,
    };
    if route.session != SessionEffect::None {
        call.settle_cookies()?;
    }
    copies::answer(call).await
}

/// Browsers cannot set a header on an event stream or a socket that they
/// open, so the last event seen may stand in the query. A header, which they
/// send when they connect again by themselves, knows better.
fn take_last_event(
    query: &mut Vec<(String, String)>,
    headers: &mut HeaderMap,
) -> Result<(), Problem> {
    const PARAMETER: &str = "lastEventId";
    let Some(at) = query.iter().position(|(name, _)| name == PARAMETER) else {
        return Ok(());
    };
    let (_, last) = query.remove(at);
    if query.iter().any(|(name, _)| name == PARAMETER) {
        let text = "is given more than once";
        return Err(Problem::invalid_field(
            "DUPLICATE_PARAMETER",
            PARAMETER,
            text,
        ));
    }
    let value = HeaderValue::try_from(last)
        .map_err(|_| Problem::invalid_field("INVALID_VALUE", PARAMETER, "is not an event's id"))?;
    headers.entry("last-event-id").or_insert(value);
    Ok(())
}

/// Takes `fields=` out of the query.
fn take_projection(
    binding: &Binding,
    query: &mut Vec<(String, String)>,
) -> Result<Option<Projection>, Problem> {
    let Some(shape) = binding.answer else {
        return Ok(None);
    };
    let Some(at) = query.iter().position(|(name, _)| name == "fields") else {
        return Ok(None);
    };
    let (_, wanted) = query.remove(at);
    if query.iter().any(|(name, _)| name == "fields") {
        let text = "is given more than once";
        return Err(Problem::invalid_field(
            "DUPLICATE_PARAMETER",
            "fields",
            text,
        ));
    }
    let projection = Projection::parse(&wanted, shape).map_err(|unknown| {
        Problem::invalid_field(
            "UNKNOWN_FIELD",
            "fields",
            format!("names `{unknown}`, which the answer does not have"),
        )
    })?;
    Ok(Some(projection))
}

pub(crate) fn choose(candidates: &[&'static Binding], method: &Method) -> Option<&'static Binding> {
    let named = |name: &str| candidates.iter().find(|binding| binding.method == name);
    let own = named(method.as_str()).or_else(|| named("*"));
    let get = || named("GET").filter(|_| method == Method::HEAD);
    own.or_else(get).copied()
}

fn wrong_method(app: &App, candidates: &[&'static Binding], request: &Request) -> Response {
    let mut methods: Vec<&str> = candidates.iter().map(|binding| binding.method).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    methods.sort_unstable();
    methods.dedup();
    let allow = HeaderValue::from_str(&methods.join(", "))
        .expect("method names and commas are a header value");
    if request.method() == Method::OPTIONS {
        let mut answer = (StatusCode::NO_CONTENT, [(ALLOW, allow)]).into_response();
        protocol::offer(app, candidates, answer.headers_mut());
        return answer;
    }
    method_not_allowed(request, allow)
}

fn method_not_allowed(request: &Request, allow: HeaderValue) -> Response {
    Problem::new(
        Code::Unimplemented,
        "METHOD_NOT_ALLOWED",
        format!("{} is not among this path's methods.", request.method()),
    )
    .with_status(StatusCode::METHOD_NOT_ALLOWED)
    .with_header("allow", allow)
    .with_request_id(&edge_of(request).request_id)
    .into_response()
}

/// The fixed routes know GET alone.
pub(crate) async fn only_get(request: Request) -> Response {
    get_alone(&request)
}

fn get_alone(request: &Request) -> Response {
    let allow = HeaderValue::from_static("GET, HEAD, OPTIONS");
    if request.method() == Method::OPTIONS {
        return (StatusCode::NO_CONTENT, [(ALLOW, allow)]).into_response();
    }
    method_not_allowed(request, allow)
}

fn not_routed(app: &App, request: &Request) -> Response {
    let path = request.uri().path();
    let is_api = app.surface.is_api(path);
    let knows_get_alone = !is_api
        && !matches!(*request.method(), Method::GET | Method::HEAD)
        && assets::has(app.assets, path);
    if knows_get_alone {
        return get_alone(request);
    }
    let page = (!is_api)
        .then(|| assets::find(app.assets, request))
        .flatten();
    page.unwrap_or_else(|| {
        Problem::new(
            Code::NotFound,
            "NO_SUCH_ROUTE",
            "There is nothing at this path.",
        )
        .with_request_id(&edge_of(request).request_id)
        .into_response()
    })
}

/// The edge layer runs around everything, so its findings are there.
pub(crate) fn edge_of(request: &Request) -> Edge {
    request
        .extensions()
        .get::<Edge>()
        .cloned()
        .expect("the edge layer runs before every handler")
}

pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}
