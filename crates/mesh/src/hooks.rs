//! What the mesh asks its user for.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, request::Parts};
use tonic::Status;

use crate::{
    CallContext, Caller, Connect, Discover, Identity, MethodLookup, Propagator, ServiceLookup, W3c,
    by_name::ByName,
};

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

/// A number that tells principals apart, `None` for callers that are nobody
/// in particular. The mesh knows no principal type; [`principal_key`] makes
/// the number of whatever names one.
pub type PrincipalKey = fn(&Caller) -> Option<u64>;

/// The key of the principal of that name.
pub fn principal_key(name: &str) -> u64 {
    crate::balance::hash(name.as_bytes())
}

/// Answers in a target's place while its breaker is open. A policy names it
/// for the methods it can answer.
pub trait Fallback: Send + Sync + 'static {
    /// The encoded message of the answer; `None` leaves it at the refusal.
    fn answer<'a>(&'a self, call: &'a FallbackCall<'a>) -> BoxFuture<'a, Option<Bytes>>;
}

/// The call an answer is wanted for.
#[derive(Debug)]
pub struct FallbackCall<'a> {
    /// Full path of the method.
    pub method: &'a str,
    /// Metadata as the caller sent it.
    pub headers: &'a HeaderMap,
    /// The encoded message.
    pub message: Bytes,
    /// The call being served, if this one is made for it.
    pub context: Option<&'a CallContext>,
}

/// What the client stack is built with.
#[derive(Clone)]
pub struct ClientHooks {
    pub(crate) lookup: MethodLookup,
    pub(crate) services: Option<ServiceLookup>,
    pub(crate) targets: Option<ServiceLookup>,
    pub(crate) fallbacks: BTreeMap<String, Arc<dyn Fallback>>,
    pub(crate) sources: BTreeMap<String, Arc<dyn Discover>>,
    pub(crate) principal: Option<PrincipalKey>,
    pub(crate) identity: Option<Identity>,
    pub(crate) network: Option<Arc<dyn Connect>>,
    pub(crate) tokens: Option<Arc<dyn TokenSource>>,
    pub(crate) propagator: Arc<dyn Propagator>,
}

impl ClientHooks {
    /// Calls without credentials, traces carried but not exported.
    pub fn new(lookup: MethodLookup) -> Self {
        Self {
            lookup,
            services: None,
            targets: None,
            fallbacks: BTreeMap::new(),
            sources: BTreeMap::new(),
            principal: None,
            identity: None,
            network: None,
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

    /// Knows which services there are, so that a policy for one there is not is
    /// refused.
    #[must_use]
    pub fn with_services(mut self, services: ServiceLookup) -> Self {
        self.services = Some(services);
        self
    }

    /// Knows what services are called by, so that a policy for a target that is
    /// none, and that nobody says the place of, is refused.
    #[must_use]
    pub fn with_targets(mut self, targets: ServiceLookup) -> Self {
        self.targets = Some(targets);
        self
    }

    /// Can answer for methods whose policy names this fallback.
    #[must_use]
    pub fn with_fallback(mut self, name: impl Into<String>, fallback: Arc<dyn Fallback>) -> Self {
        self.fallbacks.insert(name.into(), fallback);
        self
    }

    /// Finds the endpoints of a target by a source of one's own, which goes
    /// before its address.
    #[must_use]
    pub fn with_discovery(mut self, target: impl Into<String>, source: Arc<dyn Discover>) -> Self {
        self.sources.insert(target.into(), source);
        self
    }

    /// Proves itself with this identity, and calls nobody over the network
    /// who does not prove to be the service that is called.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Connects over a network of one's own, such as a simulated one.
    #[must_use]
    pub fn with_network(mut self, network: Arc<dyn Connect>) -> Self {
        self.network = Some(network);
        self
    }

    /// Tells principals apart, for splits that are sticky by principal.
    #[must_use]
    pub fn with_principal_key(mut self, key: PrincipalKey) -> Self {
        self.principal = Some(key);
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
    pub(crate) owners: Arc<ByName<String, Arc<str>>>,
    pub(crate) principal: Option<PrincipalKey>,
    pub(crate) propagator: Arc<dyn Propagator>,
}

impl ServerHooks {
    /// Guards every method, traces carried but not exported.
    pub fn new(lookup: MethodLookup, guard: Arc<dyn Guard>) -> Self {
        Self {
            lookup,
            guard,
            owners: Arc::default(),
            principal: None,
            propagator: Arc::new(W3c),
        }
    }

    /// Calls of these gRPC services (`package.Service`) are that one's in
    /// metrics and spans, and not those of the server that it shares.
    #[must_use]
    pub fn with_owner(mut self, owner: &str, services: &[&str]) -> Self {
        let owner = Arc::<str>::from(owner);
        let owned = services
            .iter()
            .map(|service| ((*service).to_owned(), Arc::clone(&owner)));
        Arc::make_mut(&mut self.owners).extend(owned);
        self
    }

    /// Tells principals apart, so that none takes up the whole server.
    #[must_use]
    pub fn with_principal_key(mut self, key: PrincipalKey) -> Self {
        self.principal = Some(key);
        self
    }

    /// Takes span ids from an exporter.
    #[must_use]
    pub fn with_propagator(mut self, propagator: Arc<dyn Propagator>) -> Self {
        self.propagator = propagator;
        self
    }
}
