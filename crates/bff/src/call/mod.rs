//! One request on its way through a generated handler.
//!
//! A handler reads top to bottom: take the body, fill in path, query and
//! headers, call the backend, answer. Each of those steps is a method here.

mod answer;
mod backend;
mod cookies;
mod headers;
mod input;
mod redirect;
mod send;
mod session;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::app::App;
use crate::edge::Edge;
use crate::gate::Caller;
use crate::json::Projection;
use crate::links::Links;
use crate::route::{Binding, Route};
use crate::stream::Socket;

pub(crate) use answer::{NO_STORE, matches_etag, media_type, weak_etag};
pub(crate) use backend::{settle, unary};
pub(crate) use headers::is_fallback;
pub use session::Tokens;

/// One admitted request, its route known and its path taken apart.
pub struct Call {
    pub(crate) app: Arc<App>,
    pub(crate) binding: &'static Binding,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Body>,
    pub(crate) variables: Vec<String>,
    pub(crate) caller: Caller,
    pub(crate) edge: Edge,
    /// What the caller asked for by header, if anything.
    pub(crate) timeout: Option<Duration>,
    pub(crate) projection: Option<Projection>,
    /// Headers of the answer that the handler has settled.
    pub(crate) answer_headers: Vec<(HeaderName, HeaderValue)>,
    /// Members of the answer that do not stand in its JSON.
    pub(crate) omitted: Vec<&'static str>,
    /// Some of the answer was not made by the service that it is of. Composed
    /// answers share this with their parts.
    pub(crate) fallback: Arc<AtomicBool>,
    pub(crate) uses_cookies: bool,
    /// HEAD tells the answer as gone.
    pub(crate) gone: bool,
    pub(crate) links: Links,
    /// The caller's way to a WebSocket, if it asked for one.
    pub(crate) socket: Option<Socket>,
}

impl Call {
    pub(crate) fn route(&self) -> &'static Route {
        self.binding.route
    }
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("route", &self.route().name)
            .finish_non_exhaustive()
    }
}
