//! Who is calling and what they may call: decided by the host.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::problem::Problem;
use crate::route::Route;

/// Decides who calls and whether they may.
#[async_trait]
pub trait Gate: Send + Sync + 'static {
    /// Admits a request to its route, or says why not.
    ///
    /// Public routes are asked about too: a caller without a valid credential
    /// is then [`Caller::anonymous`]. For every other route the gate enforces
    /// `permission`, `scopes` and `admin`, and mints the internal token that
    /// [`Caller::metadata`] carries.
    ///
    /// # Errors
    /// UNAUTHENTICATED or PERMISSION_DENIED as a problem.
    async fn admit(&self, request: &Admission<'_>) -> Result<Caller, Problem>;
}

/// What a gate judges by.
#[derive(Debug)]
pub struct Admission<'a> {
    /// The route asked for.
    pub route: &'static Route,
    /// The credential presented, if any.
    pub credential: Option<Credential<'a>>,
    /// Workspace named by the `Covergen-Workspace` header.
    pub workspace: Option<&'a str>,
    /// All request headers, internal ones stripped.
    pub headers: &'a HeaderMap,
    /// Address of the client, as far as it can be trusted.
    pub peer: Option<IpAddr>,
    /// Id of the request.
    pub request_id: &'a str,
    /// Id of the key whose signature the request bears, if it was asked for
    /// one and it is good.
    pub signed_by: Option<&'a str>,
}

/// A credential and where it came from.
#[derive(Clone, Copy)]
pub struct Credential<'a> {
    /// The token itself.
    pub token: &'a str,
    /// How it was presented.
    pub source: CredentialSource,
}

impl std::fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// How a credential was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialSource {
    /// `Authorization: Bearer …`.
    Bearer,
    /// The session cookie; its CSRF token was checked where one is needed.
    Cookie,
    /// `X-Api-Key: …`.
    ApiKey,
}

/// An admitted caller.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Stable key for rate limits and logs: a user id, a key id or an address.
    pub key: String,
    /// The user, when one is signed in.
    pub user_id: Option<String>,
    /// Metadata added to the backend call, such as the internal token.
    pub metadata: Vec<(HeaderName, HeaderValue)>,
    /// With whom the caller may watch a stream; with nobody if none.
    pub sight: Option<Sight>,
}

/// What a caller may see, for streams that several watch at once.
#[derive(Clone)]
pub struct Sight {
    /// The same for callers to whom every service shows the same: it names all
    /// that a service may decide by.
    pub scope: Arc<str>,
    /// Whether the caller may go on; asked before every message, and now and
    /// then while there is none.
    pub standing: Standing,
}

/// Says why a caller may not go on, once that is so.
pub type Standing = Arc<dyn Fn() -> Result<(), Problem> + Send + Sync>;

impl std::fmt::Debug for Sight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sight").finish_non_exhaustive()
    }
}

impl Caller {
    /// A caller known only by address.
    #[must_use]
    pub fn anonymous(peer: Option<IpAddr>) -> Self {
        Self {
            key: peer.map_or_else(|| "ip:unknown".to_owned(), |ip| format!("ip:{ip}")),
            user_id: None,
            metadata: Vec::new(),
            sight: None,
        }
    }
}
