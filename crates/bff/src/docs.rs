//! `/openapi.json` and the page that shows it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};

use crate::app::App;
use crate::call::{matches_etag, weak_etag};
use crate::route::Version;

const PAGE: &str = include_str!("docs/docs.html");
const SCRIPT: &str = include_str!("docs/docs.js");
const STYLE: &str = include_str!("docs/docs.css");

pub(crate) async fn openapi(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    send(&headers, "application/json", app.surface.openapi)
}

/// The document of one version.
pub(crate) async fn document(headers: HeaderMap, version: &'static Version) -> Response {
    send(&headers, "application/json", version.openapi)
}

pub(crate) async fn page(headers: HeaderMap) -> Response {
    send(&headers, "text/html; charset=utf-8", PAGE)
}

pub(crate) async fn script(headers: HeaderMap) -> Response {
    send(&headers, "text/javascript; charset=utf-8", SCRIPT)
}

pub(crate) async fn style(headers: HeaderMap) -> Response {
    send(&headers, "text/css; charset=utf-8", STYLE)
}

fn send(request: &HeaderMap, content_type: &'static str, text: &'static str) -> Response {
    let etag = weak_etag(text.as_bytes());
    let known = request
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .zip(etag.to_str().ok());
    let headers = [(ETAG, etag.clone())];
    if known.is_some_and(|(wanted, etag)| matches_etag(wanted, etag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let fixed = [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-cache")];
    (headers, fixed, text).into_response()
}
