use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use covergen_ids::{Clock, SessionId, UserId};

use crate::token::{ACCESS_TOKEN_SECONDS, LEEWAY_SECONDS};

/// Sessions that ended before their access tokens did.
///
/// Kept in memory in every process and fed by events, so that it holds when
/// the cache or auth is down. An entry is dropped once no token of that
/// session can be alive.
#[derive(Clone)]
pub struct Revocations {
    clock: Clock,
    until_ms: Arc<RwLock<HashMap<SessionId, i64>>>,
    /// User -> when something about their API keys changed.
    keys_changed_ms: Arc<RwLock<HashMap<UserId, i64>>>,
}

/// How long an answer about an API key may be believed. Changes are kept for
/// longer than that.
pub const API_KEY_CACHE_SECONDS: i64 = 30;

impl Revocations {
    /// An empty list.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            until_ms: Arc::default(),
            keys_changed_ms: Arc::default(),
        }
    }

    /// Ends a session from now on.
    pub fn revoke(&self, session: SessionId) {
        let now = self.clock.now_ms();
        let until = now + (ACCESS_TOKEN_SECONDS + LEEWAY_SECONDS) * 1000;
        let mut list = self
            .until_ms
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if list.len() % 1024 == 1023 {
            list.retain(|_, until| *until > now);
        }
        list.insert(session, until);
    }

    /// Whether a session has ended.
    #[must_use]
    pub fn is_revoked(&self, session: SessionId) -> bool {
        self.until_ms
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(&session)
    }

    /// The time by which all this is judged, in Unix milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// From now on, what was learnt about this user's API keys before does
    /// not count.
    pub fn forget_api_keys(&self, user: UserId) {
        let now = self.clock.now_ms();
        let mut list = self
            .keys_changed_ms
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if list.len() % 1024 == 1023 {
            let oldest = now - 10 * API_KEY_CACHE_SECONDS * 1000;
            list.retain(|_, changed| *changed > oldest);
        }
        list.insert(user, now);
    }

    /// Whether an answer about a user's API key, asked for at `asked_ms`,
    /// still counts.
    #[must_use]
    pub fn api_key_counts(&self, user: UserId, asked_ms: i64) -> bool {
        let fresh = self.clock.now_ms() - asked_ms < API_KEY_CACHE_SECONDS * 1000;
        let changed = self
            .keys_changed_ms
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&user)
            .copied();
        // Of two things in one millisecond the order is not known.
        fresh && changed.is_none_or(|changed| changed < asked_ms)
    }
}

#[cfg(test)]
mod tests {
    use covergen_ids::{Clock, UserId};

    use super::{API_KEY_CACHE_SECONDS, Revocations};

    #[test]
    fn an_answer_about_a_key_counts_until_it_is_old_or_something_changed() {
        let manual = Clock::manual(1_800_000_000_000);
        let clock = manual.clock();
        let list = Revocations::new(clock.clone());
        let (ada, bob) = (UserId::new(&clock), UserId::new(&clock));
        let asked = clock.now_ms();
        manual.advance_ms(5);
        assert!(list.api_key_counts(ada, asked));
        list.forget_api_keys(ada);
        assert!(!list.api_key_counts(ada, asked));
        assert!(list.api_key_counts(bob, asked));
        manual.advance_ms(1);
        assert!(list.api_key_counts(ada, clock.now_ms()));
        manual.advance_ms(API_KEY_CACHE_SECONDS * 1000);
        assert!(!list.api_key_counts(bob, asked));
    }
}
