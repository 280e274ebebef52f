use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use covergen_ids::{Clock, SessionId};

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
}

impl Revocations {
    /// An empty list.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            until_ms: Arc::default(),
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
}
