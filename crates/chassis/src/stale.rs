//! Reads that may lag, and whose may not (ADR 31).

use std::time::Duration;

use covergen_cache::Cache;
use covergen_ids::UserId;
use covergen_store::{Reader, Store};

/// What a note outlives the bound on lag by: the time between a commit and its
/// note, and between a look at the standby and the query.
const MARGIN: Duration = Duration::from_secs(2);

/// Connections for finders that may be answered by a standby.
///
/// Whoever changed something a moment ago is answered by the primary, in every
/// process: a note in the cache says so. Where there is no standby, nothing is
/// noted or asked.
#[derive(Clone)]
pub struct StaleReads {
    store: Store,
    cache: Cache,
    window: Duration,
}

impl StaleReads {
    pub(crate) fn new(store: &Store, cache: Cache, max_lag_ms: u32) -> Self {
        Self {
            store: store.clone(),
            cache,
            window: Duration::from_millis(u64::from(max_lag_ms)) + MARGIN,
        }
    }

    /// For rows that no caller's own call changes, such as a gallery.
    #[must_use]
    pub fn of_everybody(&self) -> Reader {
        self.store.stale_reads()
    }

    /// For somebody's own rows, as they left them.
    pub async fn of(&self, user: UserId) -> Reader {
        if !self.store.has_standby() {
            return self.store.read().clone();
        }
        match self.cache.get(&key(user)).await {
            Ok(None) => self.store.stale_reads(),
            Ok(Some(_)) => self.store.fresh_reads("wrote"),
            // Nobody knows, so nobody is told something old.
            Err(_) => self.store.fresh_reads("unknown"),
        }
    }

    /// Notes that something of somebody's was changed. Calls that change
    /// something are noted by the chassis; this is for what a worker or an
    /// event has changed. Call it after the commit, and before telling anybody
    /// that it is done.
    pub async fn wrote(&self, user: UserId) {
        if !self.store.has_standby() {
            return;
        }
        if let Err(error) = self.cache.set(&key(user), &b"1"[..], self.window).await {
            tracing::debug!(%error, "a write was not noted; it may be seen late");
        }
    }

    /// The same, for whoever made a call of this path.
    pub(crate) async fn called(&self, path: &str, user: Option<UserId>) {
        if let Some(user) = user.filter(|_| may_write(path)) {
            self.wrote(user).await;
        }
    }
}

fn key(user: UserId) -> String {
    format!("wrote/{user}")
}

/// Whether a call may change something: a name that says otherwise is the only
/// way not to (AIP-131, 132).
fn may_write(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    !["Get", "BatchGet", "List", "Watch"]
        .iter()
        .any(|verb| name.starts_with(verb))
}

#[cfg(test)]
mod tests {
    use super::may_write;

    #[test]
    fn standard_reads_change_nothing_and_all_else_may() {
        let path = |name| format!("/covergen.cover.v1.CoverService/{name}");
        for read in ["GetCover", "ListCovers", "WatchTask", "BatchGetAssets"] {
            assert!(!may_write(&path(read)), "{read}");
        }
        for write in ["Generate", "FavoriteCover", "DeleteCover", "UpdateUser"] {
            assert!(may_write(&path(write)), "{write}");
        }
    }
}
