//! Requests that are signed, so that a stolen secret is worth nothing.
//!
//! Which credentials ask for signatures and what a good signature is, the host
//! knows; what a signature says of a body is checked here, where bodies pass.
//! All of it happens before a request is routed, so no route can forget it:
//! the gate admits a credential that asks for a signature only beside the
//! [`Proof`] that is made here.
//!
//! Modules in reading order: `digest` (what a body must hash to), `body` (a
//! body that is hashed as it passes).

mod body;
mod digest;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Method, Uri};
use http_body::Body as _;

pub use digest::ContentDigest;

use crate::app::App;
use crate::body as bodies;
use crate::dispatch;
use crate::edge::Edge;
use crate::gate::Credential;
use crate::path;
use crate::problem::Problem;
use crate::protocol;
use crate::session;
use body::{Verdict, Watched};

/// Largest gRPC-web request with a signature, in bytes, its text spelling
/// included.
const MAX_GRPC_BYTES: usize = 6 * 1024 * 1024;

/// Largest signed part of a file that is sent in parts, in bytes.
const MAX_PART_BYTES: usize = 8 * 1024 * 1024;

/// Judges signatures: provided by the host.
#[async_trait]
pub trait Signatures: Send + Sync + 'static {
    /// Checks the signature of a request, if its credential asks for one.
    /// Asked once per request, before anything else is done with it.
    ///
    /// # Errors
    /// The credential asks for a signature, and there is none that is good.
    async fn check(&self, request: &Presented<'_>) -> Result<Option<Proof>, Problem>;
}

/// A request whose signature is asked about.
#[derive(Debug)]
pub struct Presented<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its target as it arrived.
    pub uri: &'a Uri,
    /// Its headers, internal ones stripped.
    pub headers: &'a HeaderMap,
    /// The credential that it bears in a header.
    pub credential: Credential<'a>,
    /// It has a body, which must then be covered.
    pub has_body: bool,
}

/// That a request bears a good signature.
#[derive(Debug, Clone)]
pub struct Proof {
    key: Arc<str>,
    digests: Arc<[ContentDigest]>,
}

impl Proof {
    /// A signature by the key with this id, which says this of the body: all
    /// of it must hold.
    #[must_use]
    pub fn new(key: &str, digests: Vec<ContentDigest>) -> Self {
        Self {
            key: key.into(),
            digests: digests.into(),
        }
    }
}

/// Answers a request once its signature is good, or says why it is not.
pub(crate) async fn answer(
    app: &App,
    mut request: Request,
    inner: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let verdict = match check(app, &mut request).await {
        Ok(verdict) => verdict,
        Err(problem) => return refused(app, problem, request).await,
    };
    let request_id = dispatch::edge_of(&request).request_id;
    let response = inner(request).await;
    if verdict.is_some_and(|verdict| verdict.has_failed()) {
        // The handler saw a body that broke off; only here is known why.
        return digest::mismatch()
            .with_request_id(&request_id)
            .into_response();
    }
    response
}

async fn refused(app: &App, problem: Problem, request: Request) -> Response {
    let request_id = dispatch::edge_of(&request).request_id;
    // A client that is still sending would not see the answer.
    let timeout = Duration::from_millis(app.config.body_timeout_ms);
    bodies::drain(&mut request.into_body(), timeout).await;
    problem.with_request_id(&request_id).into_response()
}

/// Checks the signature and what it says of the body: at once, or, of an
/// upload, while it passes.
async fn check(app: &App, request: &mut Request) -> Result<Option<Verdict>, Problem> {
    // A route that is asked on behalf of a request, as GraphQL does, has the
    // proof of that request and a body of its own.
    if let Some(proof) = request.extensions().get::<Proof>().cloned() {
        name(request, &proof);
        return Ok(None);
    }
    let (Some(signatures), Some(found)) = (&app.signatures, session::in_headers(request.headers()))
    else {
        return Ok(None);
    };
    let presented = Presented {
        method: request.method(),
        uri: request.uri(),
        headers: request.headers(),
        credential: Credential {
            token: &found.token,
            source: found.source,
        },
        has_body: has_body(request.body()),
    };
    let Some(proof) = signatures.check(&presented).await? else {
        return Ok(None);
    };
    name(request, &proof);
    let digests = proof.digests.clone();
    request.extensions_mut().insert(proof);
    let body = std::mem::take(request.body_mut());
    let Some(limit_bytes) = most_at_once(app, request) else {
        let (watched, verdict) = Watched::new(body, &digests);
        *request.body_mut() = Body::new(watched);
        return Ok(Some(verdict));
    };
    let timeout = Duration::from_millis(app.config.body_timeout_ms);
    let whole = bodies::read(request.headers(), body, limit_bytes, timeout).await?;
    if !digests.iter().all(|digest| digest.is_of(&whole)) {
        return Err(digest::mismatch());
    }
    *request.body_mut() = Body::from(whole);
    Ok(None)
}

/// Tells the gate who has signed.
fn name(request: &mut Request, proof: &Proof) {
    if let Some(edge) = request.extensions_mut().get_mut::<Edge>() {
        edge.signed_by = Some(proof.key.clone());
    }
}

/// Whether bytes may follow the headers.
fn has_body(body: &Body) -> bool {
    !body.is_end_stream() && body.size_hint().exact() != Some(0)
}

/// How long a body may be that is read before its request goes on; `None` for
/// one that is passed on as it arrives.
fn most_at_once(app: &App, request: &Request) -> Option<usize> {
    if dispatch::is_grpc(request.headers()) {
        return Some(MAX_GRPC_BYTES);
    }
    let segments = path::split(request.uri().path());
    let candidates = app.paths.find(&segments);
    let method = protocol::meant(&candidates, request.method(), request.headers());
    let Some(binding) = dispatch::choose(&candidates, &method) else {
        return Some(app.config.body_limit_bytes);
    };
    match binding.route.upload {
        // Of parts, what arrived of one that breaks off is kept.
        Some(rules) if rules.bare => Some(MAX_PART_BYTES),
        Some(_) => None,
        None => Some(app.body_limit(binding.route)),
    }
}
