//! What the mesh asks its user for.

use std::sync::Arc;

use futures::future::BoxFuture;
use http::{HeaderValue, request::Parts};
use tonic::Status;

use crate::{CallContext, Caller, MethodLookup, Propagator, W3c};

/// Supplies the credentials of outgoing calls.
pub trait TokenSource: Send + Sync + 'static {
    /// The value of the `authorization` header, `Bearer …` included; `None`
    /// calls without. Asked for every attempt, so it answers from memory:
    /// tokens are minted locally and kept while they are valid.
    fn token(&self, call: &OutgoingCall<'_>) -> Result<Option<HeaderValue>, Status>;
}

/// The call a token is wanted for.
#[derive(Debug)]
pub struct OutgoingCall<'a> {
    /// The calling service.
    pub source: &'a str,
    /// The called service.
    pub target: &'a str,
    /// Full path of the method.
    pub method: &'a str,
    /// The call being served, if the outgoing one is made for it.
    pub context: Option<&'a CallContext>,
}

/// Decides who may come in.
pub trait Guard: Send + Sync + 'static {
    /// Authenticates and authorises a call before its handler runs, and strips
    /// internal headers that its sender may not set. `parts.extensions` holds
    /// the [`Peer`](crate::Peer). The caller it returns is what the handler
    /// and the calls it makes see as [`CallContext::caller`]; an error is the
    /// caller's answer.
    fn admit<'a>(&'a self, parts: &'a mut Parts) -> BoxFuture<'a, Result<Caller, Status>>;
}

/// What the client stack is built with.
#[derive(Clone)]
pub struct ClientHooks {
    pub(crate) lookup: MethodLookup,
    pub(crate) tokens: Option<Arc<dyn TokenSource>>,
    pub(crate) propagator: Arc<dyn Propagator>,
}

impl ClientHooks {
    /// Calls without credentials, traces carried but not exported.
    pub fn new(lookup: MethodLookup) -> Self {
        Self {
            lookup,
            tokens: None,
            propagator: Arc::new(W3c),
        }
    }

    /// Calls with credentials.
    #[must_use]
    pub fn with_tokens(mut self, tokens: Arc<dyn TokenSource>) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Takes span ids from an exporter.
    #[must_use]
    pub fn with_propagator(mut self, propagator: Arc<dyn Propagator>) -> Self {
        self.propagator = propagator;
        self
    }
}

/// What the server stack is built with. There is no default guard: serving
/// without one has to be written down.
#[derive(Clone)]
pub struct ServerHooks {
    pub(crate) lookup: MethodLookup,
    pub(crate) guard: Arc<dyn Guard>,
    pub(crate) propagator: Arc<dyn Propagator>,
}

impl ServerHooks {
    /// Guards every method, traces carried but not exported.
    pub fn new(lookup: MethodLookup, guard: Arc<dyn Guard>) -> Self {
        Self {
            lookup,
            guard,
            propagator: Arc::new(W3c),
        }
    }

    /// Takes span ids from an exporter.
    #[must_use]
    pub fn with_propagator(mut self, propagator: Arc<dyn Propagator>) -> Self {
        self.propagator = propagator;
        self
    }
}
