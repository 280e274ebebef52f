//! The web app's files, compiled into the program.

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderValue, Method, StatusCode};

use crate::accept;
use crate::call::{matches_etag, media_type};

/// Files of a built web app, sorted by path.
#[derive(Debug)]
pub struct Assets {
    /// The files; empty when the app was not built.
    pub files: &'static [Asset],
}

/// One file.
#[derive(Debug)]
pub struct Asset {
    /// Path with a leading slash.
    pub path: &'static str,
    /// Media type.
    pub content_type: &'static str,
    /// Entity tag, quotes included.
    pub etag: &'static str,
    /// Its name holds a hash of its content, so it never changes.
    pub immutable: bool,
    /// Its content.
    pub bytes: &'static [u8],
}

/// What a visitor sees when the program was built without the app.
const NOT_BUILT: &str = include_str!("not_built.html");

impl Assets {
    fn find(&self, path: &str) -> Option<&'static Asset> {
        let at = self.files.binary_search_by(|asset| asset.path.cmp(path));
        at.ok().map(|at| &self.files[at])
    }
}

/// Whether a file, or the app itself, is at a path.
pub(crate) fn has(assets: Option<&'static Assets>, path: &str) -> bool {
    assets.is_some_and(|assets| path == "/" || assets.find(path).is_some())
}

/// The file at a path; for a page that only the app's own router knows, the
/// app itself.
pub(crate) fn find(assets: Option<&'static Assets>, request: &Request) -> Option<Response> {
    let assets = assets?;
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let path = request.uri().path();
    if let Some(asset) = assets.find(path) {
        return Some(send(asset, request));
    }
    let is_page = accept::wants_html(request.headers()) || path == "/";
    if !is_page {
        return None;
    }
    if assets.files.is_empty() {
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
        ];
        return Some((headers, NOT_BUILT).into_response());
    }
    assets.find("/index.html").map(|asset| send(asset, request))
}

fn send(asset: &'static Asset, request: &Request) -> Response {
    let fresh = request
        .headers()
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|wanted| matches_etag(wanted, asset.etag));
    let is_head = request.method() == Method::HEAD;
    let mut response = if fresh || is_head {
        Response::new(Body::empty())
    } else {
        Response::new(Body::from(asset.bytes))
    };
    let headers = response.headers_mut();
    let lifetime = if asset.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(lifetime));
    headers.insert(ETAG, HeaderValue::from_static(asset.etag));
    if fresh {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        headers.insert(CONTENT_TYPE, media_type(asset.content_type));
    }
    response
}
