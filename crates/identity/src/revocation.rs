use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use covergen_ids::{Clock, SessionId, UserId};

use crate::token::{ACCESS_TOKEN_SECONDS, LEEWAY_SECONDS};

/// Sessions that ended before their access tokens did.
///
/// Kept in memory in every process and fed by events, so that it holds when
/// the cache or auth is down. An entry is dropped once no token of that
/// session can be alive. A clock that is set back or forward changes nothing
/// of it: what came first is counted, and how long ago by the monotonic clock.
#[derive(Clone)]
pub struct Revocations {
    clock: Clock,
    /// Session -> when its end was heard of.
    ended: Arc<RwLock<HashMap<SessionId, Instant>>>,
    keys: Arc<RwLock<KeyChanges>>,
}

/// Users about whose API keys something changed.
#[derive(Default)]
struct KeyChanges {
    /// Changes heard of so far, of whomever.
    count: u64,
    /// User -> which of them was theirs last, and when it was heard of.
    last: HashMap<UserId, (u64, Instant)>,
}

/// When somebody began to ask about an API key.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    at: Instant,
    /// Changes heard of by then.
    changes: u64,
}

/// How long an answer about an API key may be believed. Changes are kept for
/// longer than that.
pub const API_KEY_CACHE_SECONDS: u64 = 30;

impl Revocations {
    /// An empty list.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            ended: Arc::default(),
            keys: Arc::default(),
        }
    }

    /// Ends a session from now on.
    pub fn revoke(&self, session: SessionId) {
        let keep = (ACCESS_TOKEN_SECONDS + LEEWAY_SECONDS).unsigned_abs();
        let keep = Duration::from_secs(keep);
        let mut list = self.ended.write().unwrap_or_else(PoisonError::into_inner);
        if list.len() % 1024 == 1023 {
            list.retain(|_, ended| ended.elapsed() < keep);
        }
        list.insert(session, Instant::now());
    }

    /// Whether a session has ended.
    #[must_use]
    pub fn is_revoked(&self, session: SessionId) -> bool {
        self.ended
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(&session)
    }

    /// The time by which tokens and signatures are judged, in Unix
    /// milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// From now on, what was learnt about this user's API keys before does
    /// not count.
    pub fn forget_api_keys(&self, user: UserId) {
        let keep = Duration::from_secs(10 * API_KEY_CACHE_SECONDS);
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if keys.last.len() % 1024 == 1023 {
            keys.last.retain(|_, (_, heard)| heard.elapsed() < keep);
        }
        keys.count += 1;
        let change = (keys.count, Instant::now());
        keys.last.insert(user, change);
    }

    /// Says that an API key is about to be asked about: to be taken before the
    /// question is sent, since a change may come while it is answered.
    #[must_use]
    pub fn asking(&self) -> Asked {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        Asked {
            at: Instant::now(),
            changes: keys.count,
        }
    }

    /// Whether an answer about a user's API key still counts.
    #[must_use]
    pub fn api_key_counts(&self, user: UserId, asked: Asked) -> bool {
        self.counts_at(user, asked, Instant::now())
    }

    fn counts_at(&self, user: UserId, asked: Asked, now: Instant) -> bool {
        let age = now.saturating_duration_since(asked.at);
        age < Duration::from_secs(API_KEY_CACHE_SECONDS) && !self.api_keys_changed(user, asked)
    }

    /// Whether something about a user's API keys changed since somebody began
    /// to ask, as far back as changes are kept.
    #[must_use]
    pub fn api_keys_changed(&self, user: UserId, asked: Asked) -> bool {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let changed = keys.last.get(&user).map_or(0, |(change, _)| *change);
        changed > asked.changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_about_a_key_counts_until_it_is_old_or_something_changed() {
        let clock = Clock::system();
        let list = Revocations::new(clock.clone());
        let (ada, bob) = (UserId::new(&clock), UserId::new(&clock));
        let asked = list.asking();
        assert!(list.api_key_counts(ada, asked));
        list.forget_api_keys(ada);
        assert!(!list.api_key_counts(ada, asked));
        assert!(list.api_key_counts(bob, asked));
        assert!(list.api_key_counts(ada, list.asking()));
        let old = asked.at + Duration::from_secs(API_KEY_CACHE_SECONDS);
        assert!(!list.counts_at(bob, asked, old));
        assert!(list.counts_at(bob, asked, old - Duration::from_millis(1)));
    }

    #[test]
    fn a_change_counts_and_an_answer_ages_where_the_clock_is_set_back() {
        let manual = Clock::manual(1_800_000_000_000);
        let clock = manual.clock();
        let list = Revocations::new(clock.clone());
        let ada = UserId::new(&clock);
        let asked = list.asking();
        manual.advance_ms(-3_600_000);
        let old = asked.at + Duration::from_secs(API_KEY_CACHE_SECONDS);
        assert!(!list.counts_at(ada, asked, old));
        list.forget_api_keys(ada);
        assert!(!list.api_key_counts(ada, asked));
    }
}
