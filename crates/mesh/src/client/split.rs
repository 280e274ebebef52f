//! Sends calls by other ways than the straight one: a canary, a beta.

use std::sync::Arc;

use http::{HeaderValue, Response};
use tonic::body::Body;

use super::{Back, Call};
use crate::{
    PrincipalKey,
    balance::hash,
    hop::{Failure, Hop},
    policy::{Matcher, Sticky},
};

/// One route, with the targets it leads to (gRFC A28, A31).
pub(crate) struct Route {
    pub(crate) matcher: Matcher,
    /// Each with the sum of the weights up to and including its own.
    pub(crate) ways: Vec<(u64, Arc<Back>)>,
    pub(crate) sticky: Option<Sticky>,
}

/// Chooses once per call; its attempts stay together, under the breaker and
/// the budgets of the target they go to.
pub(crate) struct Split {
    own: Arc<Back>,
    principal: Option<PrincipalKey>,
}

impl Split {
    pub(crate) fn new(own: Arc<Back>, principal: Option<PrincipalKey>) -> Self {
        Self { own, principal }
    }

    fn choose<'a>(&'a self, call: &'a Call) -> &'a Arc<Back> {
        let mut routes = call.method.routes.iter();
        let Some(route) = routes.find(|route| route.matcher.matches(&call.head)) else {
            return &self.own;
        };
        let total = route.ways.last().map_or(0, |(sum, _)| *sum);
        if total == 0 {
            return &self.own;
        }
        let key = match &route.sticky {
            Some(Sticky::Header(name)) => {
                let value = call.head.headers.get(name);
                value.map(HeaderValue::as_bytes).map(hash)
            }
            Some(Sticky::Principal) => {
                let caller = call.context.as_ref().map(crate::CallContext::raw_caller);
                caller
                    .zip(self.principal)
                    .and_then(|(caller, key)| key(caller))
            }
            None => None,
        };
        let place = match key {
            // Hashed with the same seed everywhere: the same key goes the same
            // way from every process.
            Some(key) => hash(&key.to_le_bytes()) % total,
            None => rand::random_range(0..total),
        };
        let way = route.ways.iter().find(|(sum, _)| place < *sum);
        way.map_or(&self.own, |(_, back)| back)
    }
}

impl Hop<Call> for Split {
    type Answer = Response<Body>;
    type Failure = Failure;

    async fn call(&self, call: Call) -> Result<Response<Body>, Failure> {
        if call.method.routes.is_empty() {
            return self.own.stack.call(call).await;
        }
        let back = Arc::clone(self.choose(&call));
        back.stack.call(call).await
    }
}
