//! Sends calls by other ways than the straight one: a canary, a beta.

use std::sync::Arc;

use http::{HeaderValue, Response};
use tonic::body::Body;

use super::{Back, Call};
use crate::{
    CallContext, PrincipalKey,
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

/// Chooses once per call, which is counted as one to where it goes; its attempts
/// stay together, under the breaker and the budgets of that target. `None` goes
/// straight on.
pub(crate) struct Chooser(Option<PrincipalKey>);

impl Chooser {
    pub(crate) fn new(principal: Option<PrincipalKey>) -> Self {
        Self(principal)
    }

    pub(crate) fn choose(&self, call: &Call) -> Option<Arc<Back>> {
        let mut routes = call.method.routes.iter();
        let route = routes.find(|route| route.matcher.matches(&call.head))?;
        let total = route.ways.last().map_or(0, |(sum, _)| *sum);
        if total == 0 {
            return None;
        }
        let key = match &route.sticky {
            Some(Sticky::Header(name)) => {
                let value = call.head.headers.get(name);
                value.map(HeaderValue::as_bytes).map(hash)
            }
            Some(Sticky::Principal) => {
                let caller = call.context.as_ref().map(CallContext::raw_caller);
                caller.zip(self.0).and_then(|(caller, key)| key(caller))
            }
            None => None,
        };
        let place = match key {
            // Hashed with the same seed everywhere: the same key goes the same
            // way from every process.
            Some(key) => scaled(hash(&key.to_le_bytes()), total),
            None => rand::random_range(0..total),
        };
        let way = route.ways.iter().find(|(sum, _)| place < *sum);
        way.map(|(_, back)| Arc::clone(back))
    }
}

/// Sends each call where it was decided that it goes.
pub(crate) struct Split {
    own: Arc<Back>,
}

impl Split {
    pub(crate) fn new(own: Arc<Back>) -> Self {
        Self { own }
    }
}

impl Hop<Call> for Split {
    type Answer = Response<Body>;
    type Failure = Failure;

    async fn call(&self, mut call: Call) -> Result<Response<Body>, Failure> {
        match call.way.take() {
            None => self.own.stack.call(call).await,
            Some(back) => back.stack.call(call).await,
        }
    }
}

/// A hash's place among so many. Its share of the whole stays what it was when
/// the sum of the weights is another one: only those move whose way's share
/// changed.
fn scaled(hash: u64, total: u64) -> u64 {
    let place = (u128::from(hash) * u128::from(total)) >> 64;
    u64::try_from(place).unwrap_or(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_sums_of_the_same_shares_move_nobody() {
        let hashes = (0..10_000_u64).map(|key| hash(&key.to_le_bytes()));
        let mut canaries = 0;
        for hash in hashes {
            let is_canary = scaled(hash, 10) >= 9;
            canaries += u32::from(is_canary);
            assert_eq!(scaled(hash, 100) >= 90, is_canary);
            // Who is with the canary already stays when it is given more.
            assert!(!is_canary || scaled(hash, 57) >= 40);
            assert!(scaled(hash, 57) < 57);
        }
        assert!((800..1_200).contains(&canaries), "{canaries}");
        assert_eq!(scaled(u64::MAX, u64::MAX), u64::MAX - 1);
    }
}
