//! One outgoing call, and what is known of its method.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use http::request::Parts;
use tokio::time::Instant;
use tonic::body::Body;

use super::Edge;
use crate::{
    CallContext, MethodFacts, MethodLookup, TraceParent,
    config::{MethodConfig, Policy},
    red::{Red, Side},
};

/// A call on its way down the client stack.
pub(crate) struct Call {
    pub(crate) head: Parts,
    pub(crate) body: Body,
    pub(crate) method: Arc<Method>,
    /// The served call this one is made for.
    pub(crate) context: Option<CallContext>,
    /// Set by the deadline layer.
    pub(crate) deadline: Option<Instant>,
    /// Set by the observing layer: this call's place in the trace.
    pub(crate) trace_parent: Option<TraceParent>,
    /// Attempts made before this one.
    pub(crate) previous_attempts: u32,
}

/// A method of one target, with the policy that holds for it.
pub(crate) struct Method {
    pub(crate) facts: Option<MethodFacts>,
    /// Without a word from the caller, a unary call ends after this long. A
    /// stream ends so only if its contract or its configuration says so.
    pub(crate) deadline: Option<Duration>,
    pub(crate) attempts: u32,
    pub(crate) red: Arc<Red>,
}

impl Method {
    pub(crate) fn is_unary(&self) -> bool {
        self.facts.is_some_and(MethodFacts::is_unary)
    }

    pub(crate) fn is_idempotent(&self) -> bool {
        self.facts.is_some_and(|facts| facts.idempotent)
    }

    /// A single request message can be held and sent again; a stream of them,
    /// or what might be one, cannot.
    pub(crate) fn is_replayable(&self) -> bool {
        self.facts.is_some_and(|facts| !facts.client_streaming)
    }
}

/// The methods of one target, each looked up once.
pub(crate) struct Methods {
    edge: Edge,
    lookup: MethodLookup,
    policy: Policy,
    configured: BTreeMap<String, MethodConfig>,
    known: RwLock<HashMap<Box<str>, Arc<Method>>>,
    other: Arc<Method>,
}

impl Methods {
    pub(crate) fn new(
        edge: Edge,
        lookup: MethodLookup,
        policy: Policy,
        configured: BTreeMap<String, MethodConfig>,
    ) -> Self {
        let other = Arc::new(Method {
            facts: None,
            deadline: None,
            attempts: 1,
            red: Arc::new(Red::new(Side::Client, &edge.source, &edge.target, "other")),
        });
        Self {
            edge,
            lookup,
            policy,
            configured,
            known: RwLock::default(),
            other,
        }
    }

    /// Only methods of a contract are kept, so their number bounds the map.
    pub(crate) fn find(&self, path: &str) -> Arc<Method> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(method) = known.get(path) {
            return Arc::clone(method);
        }
        drop(known);
        let Some(facts) = (self.lookup)(path) else {
            return Arc::clone(&self.other);
        };
        let method = Arc::new(self.resolve(path, facts));
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(path.into()).or_insert(method))
    }

    fn resolve(&self, path: &str, facts: MethodFacts) -> Method {
        let configured = self.configured.get(path).copied().unwrap_or_default();
        let declared = configured.deadline_ms.or(facts.deadline_ms);
        let deadline = match declared {
            Some(ms) => Some(Duration::from_millis(ms.into())),
            None if facts.is_unary() => Some(self.policy.deadline),
            None => None,
        };
        let attempts = configured.retry_attempts;
        Method {
            facts: Some(facts),
            deadline,
            attempts: attempts.unwrap_or(self.policy.retry_attempts),
            red: Arc::new(Red::new(
                Side::Client,
                &self.edge.source,
                &self.edge.target,
                path,
            )),
        }
    }
}
