//! A root field is answered by its route.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::dynamic::{FieldValue, ResolverContext};
use async_graphql::{Error, ErrorExtensions, SelectionField, Value};
use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;
use tower::ServiceExt as _;

use crate::document::Read;

/// What stands for itself in a path segment or a query (RFC 3986, unreserved).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Everything the fields of one query share.
pub(crate) struct Asking {
    pub(crate) router: Router,
    /// Headers that the routes are called with.
    pub(crate) headers: HeaderMap,
    /// What layers around the caller's request have found.
    pub(crate) extensions: http::Extensions,
    /// Calls that are left.
    pub(crate) calls: AtomicUsize,
}

pub(crate) async fn root(
    read: &Read,
    context: &ResolverContext<'_>,
) -> Result<Option<FieldValue<'static>>, Error> {
    let asking = context.data::<Asking>()?;
    let left = |calls: usize| calls.checked_sub(1);
    if asking
        .calls
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left)
        .is_err()
    {
        return Err(failure(
            "the query calls more routes than one query may",
            "RESOURCE_EXHAUSTED",
            "QUERY_TOO_EXPENSIVE",
        ));
    }
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = target(read, context)?.parse().map_err(|_| {
        failure(
            "an argument does not fit in a URL",
            "INVALID_ARGUMENT",
            "INVALID_VALUE",
        )
    })?;
    *request.headers_mut() = asking.headers.clone();
    *request.extensions_mut() = asking.extensions.clone();
    // A router never refuses by itself.
    let Ok(response) = asking.router.clone().oneshot(request).await;
    let status = response.status();
    let body = response.into_body().collect().await.map_err(|_| broken())?;
    let json: Json = serde_json::from_slice(&body.to_bytes()).map_err(|_| broken())?;
    if status != StatusCode::OK {
        return Err(told(&json));
    }
    let value = Value::from_json(json).map_err(|_| broken())?;
    Ok(Some(FieldValue::value(value)))
}

/// Path and query of the call.
fn target(read: &Read, context: &ResolverContext<'_>) -> Result<String, Error> {
    let mut path = read.path.clone();
    let mut query: Vec<String> = Vec::new();
    for parameter in &read.parameters {
        let name = parameter
            .name
            .replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "_");
        let Some(value) = context.args.get(&name) else {
            continue;
        };
        let texts = texts(value.as_value());
        if parameter.place == "path" {
            let text = texts.first().map(String::as_str).unwrap_or_default();
            if text.is_empty() {
                return Err(failure(
                    &format!("{name} must not be empty"),
                    "INVALID_ARGUMENT",
                    "INVALID_VALUE",
                ));
            }
            path = path.replace(&format!("{{{}}}", parameter.name), &escaped(text));
            continue;
        }
        query.extend(
            texts
                .iter()
                .map(|text| format!("{}={}", escaped(&parameter.name), escaped(text))),
        );
    }
    if read.projects {
        let mut wanted = Vec::new();
        paths(context.field(), "", &mut wanted);
        if !wanted.is_empty() {
            query.push(format!("fields={}", escaped(&wanted.join(","))));
        }
    }
    if query.is_empty() {
        return Ok(path);
    }
    Ok(format!("{path}?{}", query.join("&")))
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// An argument as a query writes it; a list once for each element.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Enum(name) => vec![name.to_string()],
        Value::Number(number) => vec![number.to_string()],
        Value::Boolean(flag) => vec![flag.to_string()],
        Value::List(values) => values.iter().flat_map(texts).collect(),
        other => vec![other.to_string()],
    }
}

/// The members that a selection names, as `?fields=` writes them.
fn paths(field: SelectionField<'_>, before: &str, found: &mut Vec<String>) {
    for inner in field.selection_set() {
        // What GraphQL itself answers, and what is written beside the fields.
        if inner.name().starts_with('_') {
            continue;
        }
        let path = if before.is_empty() {
            inner.name().to_owned()
        } else {
            format!("{before}.{}", inner.name())
        };
        let length = found.len();
        paths(inner, &path, found);
        if found.len() == length && !found.contains(&path) {
            found.push(path);
        }
    }
}

/// A problem document as a GraphQL error.
fn told(problem: &Json) -> Error {
    let text = |name: &str| problem[name].as_str().unwrap_or_default();
    let detail = match text("detail") {
        "" => text("title"),
        detail => detail,
    };
    Error::new(detail).extend_with(|_, extensions| {
        for name in ["code", "reason", "requestId"] {
            extensions.set(name, text(name));
        }
        for name in ["status", "retryAfterSeconds", "violations"] {
            if let Ok(value) = Value::from_json(problem[name].clone())
                && value != Value::Null
            {
                extensions.set(name, value);
            }
        }
    })
}

fn failure(message: &str, code: &str, reason: &str) -> Error {
    Error::new(message).extend_with(|_, extensions| {
        extensions.set("code", code);
        extensions.set("reason", reason);
    })
}

fn broken() -> Error {
    failure("the answer broke off", "UNAVAILABLE", "UNAVAILABLE")
}
