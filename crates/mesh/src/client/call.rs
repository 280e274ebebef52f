//! One outgoing call, and what is known of its method.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use http::{HeaderName, HeaderValue, Method as Verb, Request, Uri, Version, request::Parts};
use tokio::time::Instant;

use super::{Back, Backoff, Edge, Route, Trail};
use crate::{
    CallContext, Fallback, MethodFacts, MethodLookup, RequestId, TraceParent,
    body::{Collected, Content},
    by_name::ByName,
    config::{MethodConfig, Policy},
    policy::{Fault, MethodPolicy, MethodRules},
    quantile::Quantile,
    red::{Red, Side},
    transport::Lease,
};

/// A call on its way down the client stack. Boxed: every layer's future holds
/// it, and would be as large as all of them together.
pub(crate) type Call = Box<CallData>;

/// What is known of a call.
pub(crate) struct CallData {
    pub(crate) head: Parts,
    pub(crate) body: Content,
    pub(crate) method: Arc<Method>,
    /// When it began, or this attempt at it, or had last waited for anything:
    /// reading the clock once for all layers is measurably cheaper
    /// than once for each.
    pub(crate) at: Instant,
    /// When it began, or this attempt at it, whatever it waited for since.
    pub(crate) began: Instant,
    /// The served call this one is made for.
    pub(crate) context: Option<CallContext>,
    /// Set by the deadline layer.
    pub(crate) deadline: Option<Instant>,
    /// Set by the observing layer: this call's place in the trace.
    pub(crate) trace_parent: Option<TraceParent>,
    /// Set by the observing layer: where a route leads it, straight on if none.
    pub(crate) way: Option<Arc<Back>>,
    /// Set by the observing layer: this call's name, unless its caller named it.
    pub(crate) request_id: Option<RequestId>,
    /// Attempts made before this one.
    pub(crate) previous_attempts: u32,
    /// An endpoint that just failed this call, 0 for none.
    pub(crate) avoid: u64,
    /// Told where the call went.
    pub(crate) trail: Option<Arc<Trail>>,
    /// Set by the balancing layer: where it goes.
    pub(crate) lease: Option<Lease>,
}

/// What another attempt at a call is made of, kept while one is under way.
pub(crate) struct Spare {
    head: SpareHead,
    held: Collected,
    pub(crate) method: Arc<Method>,
    pub(crate) context: Option<CallContext>,
    pub(crate) deadline: Option<Instant>,
    trace_parent: Option<TraceParent>,
    request_id: Option<RequestId>,
    pub(crate) previous_attempts: u32,
    /// An endpoint that just failed, 0 for none.
    pub(crate) avoid: u64,
}

/// A request's head as a list, since nearly none is ever asked for: a map of
/// headers costs as much to copy and to throw away as a layer.
struct SpareHead {
    method: Verb,
    uri: Uri,
    version: Version,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl SpareHead {
    fn of(head: &Parts) -> Self {
        let headers = head.headers.iter();
        Self {
            method: head.method.clone(),
            uri: head.uri.clone(),
            version: head.version,
            headers: headers
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        }
    }

    fn parts(&self) -> Parts {
        let (mut head, ()) = Request::new(()).into_parts();
        head.method = self.method.clone();
        head.uri = self.uri.clone();
        head.version = self.version;
        for (name, value) in &self.headers {
            head.headers.append(name.clone(), value.clone());
        }
        head
    }
}

impl Spare {
    /// Of a call whose content is held. The call itself goes first: its headers
    /// have room for those that the layers below add, a copy's have not.
    pub(crate) fn of(call: &CallData, held: Collected) -> Self {
        Self {
            head: SpareHead::of(&call.head),
            held,
            method: Arc::clone(&call.method),
            context: call.context.clone(),
            deadline: call.deadline,
            trace_parent: call.trace_parent,
            request_id: call.request_id.clone(),
            previous_attempts: call.previous_attempts,
            avoid: call.avoid,
        }
    }

    /// Full path of the method.
    pub(crate) fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// Another attempt.
    pub(crate) fn call(&self) -> Call {
        let now = Instant::now();
        Box::new(CallData {
            head: self.head.parts(),
            body: Content::Held(self.held.clone()),
            method: Arc::clone(&self.method),
            at: now,
            began: now,
            context: self.context.clone(),
            deadline: self.deadline,
            trace_parent: self.trace_parent,
            way: None,
            request_id: self.request_id.clone(),
            previous_attempts: self.previous_attempts,
            avoid: self.avoid,
            trail: None,
            lease: None,
        })
    }
}

/// A method of one target, with the policy that holds for it.
pub(crate) struct Method {
    pub(crate) facts: Option<MethodFacts>,
    /// Without a word from the caller, a unary call ends after this long. A
    /// stream ends so only if its contract or its configuration says so.
    pub(crate) deadline: Option<Duration>,
    pub(crate) attempts: u32,
    pub(crate) backoff: Backoff,
    pub(crate) hedging: Option<Hedging>,
    pub(crate) fallback: Option<(Arc<str>, Arc<dyn Fallback>)>,
    pub(crate) faults: Arc<[Fault]>,
    pub(crate) routes: Arc<[Route]>,
    pub(crate) red: Arc<Red>,
}

/// How a method is hedged.
pub(crate) struct Hedging {
    /// When, if not by the latency.
    pub(crate) delay: Option<Duration>,
    pub(crate) latency: Arc<Quantile>,
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

/// What decides about the methods of one target.
pub(crate) struct MethodsSetup {
    pub(crate) edge: Edge,
    pub(crate) lookup: MethodLookup,
    pub(crate) policy: Policy,
    pub(crate) layers_on: bool,
    /// By configuration.
    pub(crate) configured: BTreeMap<String, MethodConfig>,
    /// By the policy document: the target's own, then the defaults'.
    pub(crate) documented: [Vec<MethodPolicy>; 2],
    pub(crate) fallbacks: BTreeMap<String, Arc<dyn Fallback>>,
    pub(crate) faults: Arc<[Fault]>,
    pub(crate) routes: Arc<[Route]>,
    pub(crate) latencies: Latencies,
}

/// What the methods of a target take, kept when the policy changes.
pub(crate) type Latencies = Arc<RwLock<HashMap<Box<str>, Arc<Quantile>>>>;

/// The methods of one target, each looked up once.
pub(crate) struct Methods {
    setup: MethodsSetup,
    known: RwLock<ByName<Box<str>, Arc<Method>>>,
    other: Arc<Method>,
}

impl Methods {
    pub(crate) fn new(setup: MethodsSetup) -> Self {
        let edge = &setup.edge;
        let other = Arc::new(Method {
            facts: None,
            deadline: None,
            attempts: 1,
            backoff: Backoff::of(&setup.policy, &MethodRules::default()),
            hedging: None,
            fallback: None,
            faults: Arc::clone(&setup.faults),
            routes: Arc::clone(&setup.routes),
            red: Arc::new(Red::new(Side::Client, &edge.source, &edge.target, "other")),
        });
        Self {
            setup,
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
        let Some(facts) = (self.setup.lookup)(path) else {
            return Arc::clone(&self.other);
        };
        let method = Arc::new(self.resolve(path, facts));
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(path.into()).or_insert(method))
    }

    /// The document goes before the configuration, and that before the contract.
    fn resolve(&self, path: &str, facts: MethodFacts) -> Method {
        let setup = &self.setup;
        let documented = self.documented(path);
        let configured = setup.configured.get(path).copied().unwrap_or_default();
        let timeout_ms = documented.timeout_ms.or(configured.deadline_ms);
        let deadline = match timeout_ms.or(facts.deadline_ms) {
            Some(ms) => Some(Duration::from_millis(ms.into())),
            // A stream goes on until somebody ends it: the server bounds its
            // idle time and its life instead.
            None if facts.server_streaming => None,
            None => Some(setup.policy.deadline),
        };
        let attempts = documented.max_attempts.or(configured.retry_attempts);
        let hedged = documented.hedging.as_ref();
        // Sending twice what must not be done twice is no policy's to ask for.
        let hedged = hedged.filter(|_| setup.layers_on && facts.idempotent && facts.is_unary());
        let fallback = documented.fallback.as_ref().filter(|_| facts.is_unary());
        let fallback = fallback.and_then(|name| setup.fallbacks.get_key_value(name));
        Method {
            facts: Some(facts),
            deadline,
            attempts: if setup.layers_on {
                attempts.unwrap_or(setup.policy.retry_attempts)
            } else {
                1
            },
            backoff: Backoff::of(&setup.policy, documented),
            hedging: hedged.map(|hedging| Hedging {
                delay: hedging.delay,
                latency: self.latency(path),
            }),
            fallback: fallback
                .map(|(name, fallback)| (Arc::from(name.as_str()), Arc::clone(fallback))),
            faults: Arc::clone(&setup.faults),
            routes: Arc::clone(&setup.routes),
            red: Arc::new(Red::new(
                Side::Client,
                &setup.edge.source,
                &setup.edge.target,
                path,
            )),
        }
    }

    /// The most specific entry, as a service config has it: entries are not
    /// laid over each other.
    fn documented(&self, path: &str) -> &MethodRules {
        let levels = self.setup.documented.iter();
        let mut best = levels.filter_map(|level| {
            let fitting = level
                .iter()
                .filter_map(|entry| Some((entry.fit(path)?, entry)));
            fitting.max_by_key(|(fit, _)| *fit)
        });
        best.next()
            .map_or(&MethodRules::NOTHING, |(_, entry)| &entry.rules)
    }

    fn latency(&self, path: &str) -> Arc<Quantile> {
        let latencies = &self.setup.latencies;
        let mut latencies = latencies.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(latencies.entry(path.into()).or_default())
    }
}
