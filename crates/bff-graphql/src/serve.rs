//! GraphQL over HTTP.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};

use async_graphql::dynamic::Schema;
use async_graphql::{Request as Query, Variables};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::Deserialize;
use serde_json::json;

use crate::resolve::Asking;
use crate::{DocumentError, Limits, types};

/// Media type of a result, for callers that know it.
const RESULT: &str = "application/graphql-response+json";

/// Headers that routes are called with, as the caller sent them. `Accept` is
/// not among them: routes answer JSON here whatever GraphQL is answered as.
const PASSED_ON: [&str; 11] = [
    "authorization",
    "cookie",
    "x-api-key",
    "covergen-workspace",
    "accept-language",
    "x-user-type",
    "traceparent",
    "tracestate",
    "x-request-id",
    "x-forwarded-for",
    "request-timeout",
];

/// The GraphQL endpoint of one BFF.
#[derive(Clone)]
pub struct Graph(Arc<Inner>);

struct Inner {
    document: &'static str,
    limits: Limits,
    /// Made at the first query, so that a process that is never asked one
    /// starts as fast and as small as without.
    schema: OnceLock<Option<Schema>>,
    router: OnceLock<Router>,
}

/// What a caller asks.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Asked {
    query: String,
    variables: serde_json::Value,
    operation_name: Option<String>,
    /// Clients send it; nothing here reads it.
    #[serde(rename = "extensions")]
    _extensions: serde::de::IgnoredAny,
}

/// Why a request is not a query.
struct Refusal {
    status: StatusCode,
    reason: &'static str,
    message: String,
}

impl Graph {
    /// The endpoint for the BFF with this OpenAPI document.
    #[must_use]
    pub fn new(document: &'static str, limits: Limits) -> Self {
        Self(Arc::new(Inner {
            document,
            limits,
            schema: OnceLock::new(),
            router: OnceLock::new(),
        }))
    }

    /// Its route, `path`, to be put among the BFF's own.
    pub fn routes(&self, path: &str) -> Router {
        Router::new()
            .route(path, any(serve))
            .with_state(self.clone())
    }

    /// The finished BFF, which fields are asked of. Before this is told,
    /// queries are answered with 503.
    pub fn ask(&self, router: Router) {
        drop(self.0.router.set(router));
    }

    /// The schema in GraphQL's own language.
    ///
    /// # Errors
    /// The document gives no schema.
    pub fn sdl(&self) -> Result<String, DocumentError> {
        Ok(types::schema(self.0.document, self.0.limits)?.sdl())
    }

    fn schema(&self) -> Option<&Schema> {
        let made = self.0.schema.get_or_init(|| {
            types::schema(self.0.document, self.0.limits)
                .inspect_err(|error| tracing::error!(%error, "GraphQL is not served"))
                .ok()
        });
        made.as_ref()
    }
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph")
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}

async fn serve(State(graph): State<Graph>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let knows_results = accepts_results(&parts.headers);
    let asked = match asked(&graph, &parts, body).await {
        Ok(asked) => asked,
        Err(refusal) => return refused(&refusal, knows_results),
    };
    let (Some(schema), Some(router)) = (graph.schema(), graph.0.router.get()) else {
        let refusal = Refusal {
            status: StatusCode::SERVICE_UNAVAILABLE,
            reason: "UNAVAILABLE",
            message: "GraphQL is not served here now".to_owned(),
        };
        return refused(&refusal, knows_results);
    };
    let mut headers = HeaderMap::new();
    for name in PASSED_ON {
        for value in parts.headers.get_all(name) {
            headers.append(HeaderName::from_static(name), value.clone());
        }
    }
    let asking = Asking {
        router: router.clone(),
        headers,
        extensions: parts.extensions,
        calls: AtomicUsize::new(graph.0.limits.calls),
    };
    let mut query = Query::new(asked.query)
        .variables(Variables::from_json(asked.variables))
        .data(asking);
    query.operation_name = asked.operation_name;
    let result = schema.execute(query).await;
    // A query that was never run has no data at all.
    let never_ran = result.data == async_graphql::Value::Null
        && !result.errors.is_empty()
        && result.errors.iter().all(|error| error.path.is_empty());
    let status = if never_ran && knows_results {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let body = serde_json::to_vec(&result).unwrap_or_default();
    answer(status, body, knows_results)
}

async fn asked(graph: &Graph, parts: &http::request::Parts, body: Body) -> Result<Asked, Refusal> {
    let malformed = |message: String| Refusal {
        status: StatusCode::BAD_REQUEST,
        reason: "MALFORMED_QUERY",
        message,
    };
    let asked = if parts.method == Method::POST {
        let kind = parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let kind = kind
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default();
        if !kind.trim().eq_ignore_ascii_case("application/json") {
            return Err(Refusal {
                status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
                reason: "UNSUPPORTED_MEDIA_TYPE",
                message: "send application/json".to_owned(),
            });
        }
        let limited = Limited::new(body, graph.0.limits.request_bytes);
        let bytes = limited.collect().await.map_err(|error| {
            if error.downcast_ref::<LengthLimitError>().is_some() {
                Refusal {
                    status: StatusCode::PAYLOAD_TOO_LARGE,
                    reason: "BODY_TOO_LARGE",
                    message: format!("a query has at most {} bytes", graph.0.limits.request_bytes),
                }
            } else {
                malformed("the body did not arrive".to_owned())
            }
        })?;
        serde_json::from_slice(&bytes.to_bytes()).map_err(|error| malformed(error.to_string()))?
    } else if ![Method::GET, Method::HEAD].contains(&parts.method) {
        return Err(Refusal {
            status: StatusCode::METHOD_NOT_ALLOWED,
            reason: "METHOD_NOT_ALLOWED",
            message: "ask by GET or POST".to_owned(),
        });
    } else {
        from_query(parts.uri.query().unwrap_or_default()).map_err(malformed)?
    };
    if asked.query.trim().is_empty() {
        return Err(malformed("`query` is missing".to_owned()));
    }
    Ok(asked)
}

/// `?query=…&variables=…&operationName=…`.
fn from_query(query: &str) -> Result<Asked, String> {
    let mut asked = Asked::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = value.replace('+', " ");
        let value = percent_encoding::percent_decode_str(&value)
            .decode_utf8()
            .map_err(|_| format!("`{name}` is not UTF-8"))?;
        match name {
            "query" => asked.query = value.into_owned(),
            "operationName" => asked.operation_name = Some(value.into_owned()),
            "variables" => {
                asked.variables = serde_json::from_str(&value)
                    .map_err(|error| format!("`variables`: {error}"))?;
            }
            "extensions" => {}
            other => return Err(format!("`{other}` is not known here")),
        }
    }
    Ok(asked)
}

fn accepts_results(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains(RESULT))
}

fn refused(refusal: &Refusal, knows_results: bool) -> Response {
    let body = json!({
        "errors": [{
            "message": refusal.message,
            "extensions": {"code": "INVALID_ARGUMENT", "reason": refusal.reason},
        }],
    });
    let mut response = answer(refusal.status, body.to_string().into_bytes(), knows_results);
    if refusal.status == StatusCode::METHOD_NOT_ALLOWED {
        let allow = HeaderValue::from_static("GET, HEAD, POST, OPTIONS");
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}

fn answer(status: StatusCode, body: Vec<u8>, knows_results: bool) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let kind = if knows_results {
        RESULT
    } else {
        "application/json"
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
