//! Assembling a BFF from what was generated and what its host provides.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::assets::Assets;
use crate::backend::Backend;
use crate::config::BffConfig;
use crate::copies::AnswerCopies;
use crate::front::Front;
use crate::gate::Gate;
use crate::health::Readiness;
use crate::limit::Limiter;
use crate::path::Paths;
use crate::problem::Problem;
use crate::route::{Route, Surface, UploadRules};
use crate::session::{CookieRules, Sealer};
use crate::signed::Signatures;
use crate::stream::{Socket, Watches};
use crate::trace::Traces;

/// Shortest secret that CSRF tokens may be sealed with, in bytes.
const MIN_SECRET_BYTES: usize = 32;

/// What a running BFF shares among its requests.
pub(crate) struct App {
    pub(crate) surface: &'static Surface,
    pub(crate) paths: Paths,
    pub(crate) config: BffConfig,
    pub(crate) gate: Arc<dyn Gate>,
    pub(crate) limiter: Option<Arc<dyn Limiter>>,
    /// Who judges signatures of requests, if anybody.
    pub(crate) signatures: Option<Arc<dyn Signatures>>,
    pub(crate) readiness: Option<Arc<dyn Readiness>>,
    /// Who knows where spans stand in their traces, if anybody.
    pub(crate) traces: Option<Arc<dyn Traces>>,
    pub(crate) assets: Option<&'static Assets>,
    pub(crate) sealer: Sealer,
    pub(crate) cookies: CookieRules,
    /// Where copies of answers are kept, if anywhere.
    pub(crate) copies: Option<Arc<dyn AnswerCopies>>,
    /// Hash of the contract, which tells copies of other versions apart.
    pub(crate) contract: [u8; 32],
    /// Places for WebSockets.
    pub(crate) sockets: Arc<Semaphore>,
    /// Streams that several callers watch.
    pub(crate) watches: Watches,
    /// Cancelled when the server begins to shut down.
    pub(crate) closing: CancellationToken,
    backends: HashMap<String, Backend>,
}

impl App {
    pub(crate) fn backend(&self, route: &Route) -> Result<&Backend, Problem> {
        self.backends.get(route.domain).ok_or_else(|| {
            tracing::error!(domain = route.domain, "no backend is wired for this domain");
            Problem::internal()
        })
    }

    /// Largest body of a request to a route, in bytes.
    pub(crate) fn body_limit(&self, route: &Route) -> usize {
        match route.body_limit_bytes {
            0 => self.config.body_limit_bytes,
            own => own,
        }
    }

    /// Largest file of an upload, in bytes.
    pub(crate) fn upload_limit(&self, route: &Route, rules: UploadRules) -> u64 {
        let configured = self.config.upload_limits.get(route.name).copied();
        configured.unwrap_or(rules.max_bytes)
    }
}

/// Why a BFF cannot be assembled.
#[derive(Debug, thiserror::Error)]
pub enum BffError {
    /// Domains that the surface calls and that have no backend.
    #[error("no backend is wired for: {}", .0.join(", "))]
    MissingBackends(Vec<String>),
    /// Nobody decides who may call.
    #[error("a BFF needs a gate")]
    MissingGate,
    /// A limit names an RPC that is no upload of the surface.
    #[error("upload_limits names {0}, which is no upload here")]
    UnknownUpload(String),
    /// The session secret is too short to be one.
    #[error("session_secret must have at least 32 bytes")]
    ShortSecret,
}

/// Gathers what a BFF needs.
pub struct Bff {
    surface: &'static Surface,
    config: BffConfig,
    gate: Option<Arc<dyn Gate>>,
    limiter: Option<Arc<dyn Limiter>>,
    signatures: Option<Arc<dyn Signatures>>,
    readiness: Option<Arc<dyn Readiness>>,
    traces: Option<Arc<dyn Traces>>,
    assets: Option<&'static Assets>,
    copies: Option<Arc<dyn AnswerCopies>>,
    more: Router,
    backends: HashMap<String, Backend>,
}

impl Bff {
    /// Begins with a generated surface.
    #[must_use]
    pub fn builder(surface: &'static Surface, config: BffConfig) -> Self {
        Self {
            surface,
            config,
            gate: None,
            limiter: None,
            signatures: None,
            readiness: None,
            traces: None,
            assets: None,
            copies: None,
            more: Router::new(),
            backends: HashMap::new(),
        }
    }

    /// Who decides on callers.
    #[must_use]
    pub fn gate(mut self, gate: Arc<dyn Gate>) -> Self {
        self.gate = Some(gate);
        self
    }

    /// Who counts requests. Without one nothing is limited.
    #[must_use]
    pub fn limiter(mut self, limiter: Arc<dyn Limiter>) -> Self {
        self.limiter = Some(limiter);
        self
    }

    /// Who judges signatures of requests. Without one none is looked at, and
    /// the gate sees none.
    #[must_use]
    pub fn signatures(mut self, signatures: Arc<dyn Signatures>) -> Self {
        self.signatures = Some(signatures);
        self
    }

    /// The way to the service that owns a domain.
    #[must_use]
    pub fn backend(mut self, domain: impl Into<String>, backend: Backend) -> Self {
        self.backends.insert(domain.into(), backend);
        self
    }

    /// Who knows whether the process is ready. Without one it always is.
    #[must_use]
    pub fn ready(mut self, readiness: Arc<dyn Readiness>) -> Self {
        self.readiness = Some(readiness);
        self
    }

    /// Who knows where spans stand in their traces. Without one the caller's
    /// place is passed on as it came.
    #[must_use]
    pub fn traces(mut self, traces: Arc<dyn Traces>) -> Self {
        self.traces = Some(traces);
        self
    }

    /// The web app's files.
    #[must_use]
    pub fn assets(mut self, assets: &'static Assets) -> Self {
        self.assets = Some(assets);
        self
    }

    /// Where copies of public answers are kept. Without one none are.
    #[must_use]
    pub fn copies(mut self, copies: Arc<dyn AnswerCopies>) -> Self {
        self.copies = Some(copies);
        self
    }

    /// Routes of the host's own, with the same care around them: request
    /// ids, spans, safe headers, CORS, compression.
    #[must_use]
    pub fn routes(mut self, more: Router) -> Self {
        self.more = self.more.merge(more);
        self
    }

    /// Assembles the BFF.
    ///
    /// # Errors
    /// When a backend or the gate is missing, or the secret is too short.
    pub fn build(self) -> Result<Front, BffError> {
        let missing: Vec<String> = self
            .surface
            .domains
            .iter()
            .filter(|domain| !self.backends.contains_key(**domain))
            .map(|domain| (*domain).to_owned())
            .collect();
        if !missing.is_empty() {
            return Err(BffError::MissingBackends(missing));
        }
        if let Some(unknown) = unknown_upload(self.surface, &self.config) {
            return Err(BffError::UnknownUpload(unknown));
        }
        let secret = secret(&self.config)?;
        let app = Arc::new(App {
            paths: Paths::new(self.surface.bindings),
            sealer: Sealer::new(&secret, &self.config.allowed_origins),
            cookies: CookieRules {
                secure: self.config.secure_cookies,
                max_age_seconds: self.config.session_max_age_seconds,
                refresh_paths: self.surface.refresh_paths,
            },
            copies: self.copies,
            contract: contract(self.surface),
            sockets: Socket::places(self.config.max_sockets),
            watches: Watches::default(),
            closing: CancellationToken::new(),
            surface: self.surface,
            gate: self.gate.ok_or(BffError::MissingGate)?,
            limiter: self.limiter,
            signatures: self.signatures,
            readiness: self.readiness,
            traces: self.traces,
            assets: self.assets,
            backends: self.backends,
            config: self.config,
        });
        Ok(Front::new(app, self.more))
    }
}

impl std::fmt::Debug for Bff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bff")
            .field("audience", &self.surface.audience)
            .finish_non_exhaustive()
    }
}

fn contract(surface: &Surface) -> [u8; 32] {
    let mut hash = Sha256::new();
    for version in surface.versions {
        hash.update(version.openapi);
    }
    hash.finalize().into()
}

fn unknown_upload(surface: &Surface, config: &BffConfig) -> Option<String> {
    let is_upload = |name: &str| {
        let mut routes = surface.bindings.iter().map(|binding| binding.route);
        routes.any(|route| route.upload.is_some() && route.name == name)
    };
    let mut names = config.upload_limits.keys();
    names.find(|name| !is_upload(name)).cloned()
}

fn secret(config: &BffConfig) -> Result<Vec<u8>, BffError> {
    let given = config.session_secret.as_bytes();
    if given.is_empty() {
        let random = [
            uuid::Uuid::new_v4(),
            uuid::Uuid::new_v4(),
            uuid::Uuid::new_v4(),
        ];
        return Ok(random.iter().flat_map(|part| *part.as_bytes()).collect());
    }
    if given.len() < MIN_SECRET_BYTES {
        return Err(BffError::ShortSecret);
    }
    Ok(given.to_vec())
}
