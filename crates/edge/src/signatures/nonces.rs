//! Nonces that were seen, each good once.

use std::sync::Arc;
use std::time::Duration;

use covergen_cache::Cache;
use covergen_chassis::Identity;
use sha2::{Digest as _, Sha256};

use super::input::Signed;
use super::refusal::Refusal;
use super::rules::WINDOW_SECONDS;
use crate::ApiKeys;

/// How much longer a nonce is remembered than its signature is good, in
/// seconds: as far as the clocks of replicas may be apart.
const SLACK_SECONDS: i64 = 60;
/// Nonces that this process remembers for itself.
const OWN_ENTRIES: usize = 100_000;
const OWN_BYTES: usize = 64 * 1024 * 1024;

/// Remembers nonces for as long as their signatures are good.
pub(super) struct Nonces {
    /// What this process has seen, so that a flood of one request stops here.
    own: Cache,
    /// The way to auth, whose database remembers for all processes. A cache
    /// would not do: a full one forgets what it was not asked for, and one
    /// that was restarted knows nothing.
    api_keys: Arc<ApiKeys>,
}

impl Nonces {
    pub(super) fn new(api_keys: Arc<ApiKeys>) -> Self {
        Self {
            own: Cache::memory(OWN_BYTES, OWN_ENTRIES),
            api_keys,
        }
    }

    /// Uses up the nonces of all signatures of a request by one key.
    pub(super) async fn claim(
        &self,
        id: &str,
        signed: &[Signed],
        now: i64,
        identity: &Identity,
        edge: &'static str,
    ) -> Result<(), Refusal> {
        let mut hashes: Vec<[u8; 32]> = signed.iter().map(|one| hash(id, one)).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let last = signed.iter().filter_map(|one| one.created).max();
        let until = last.unwrap_or(now) + WINDOW_SECONDS + SLACK_SECONDS;
        let keep_seconds = i32::try_from(until.saturating_sub(now).max(1)).unwrap_or(i32::MAX);
        self.remember(&hashes, keep_seconds).await?;
        let claimed = self
            .api_keys
            .claim_nonces(&hashes, keep_seconds, identity, edge)
            .await;
        if claimed == Err(Refusal::NotChecked) {
            // The caller may try the very same request again.
            for hash in &hashes {
                drop(self.own.delete(&hex(hash)).await);
            }
        }
        claimed
    }

    async fn remember(&self, hashes: &[[u8; 32]], keep_seconds: i32) -> Result<(), Refusal> {
        let ttl = Duration::from_secs(keep_seconds.unsigned_abs().into());
        for hash in hashes {
            let new = self.own.set_if_absent(&hex(hash), &b"1"[..], ttl).await;
            // What this process cannot remember, auth does.
            if matches!(new, Ok(false)) {
                return Err(Refusal::Replayed);
            }
        }
        Ok(())
    }
}

fn hash(id: &str, signed: &Signed) -> [u8; 32] {
    let nonce = signed.nonce.as_deref().unwrap_or_default();
    // An id has no colon in it.
    Sha256::digest(format!("{id}:{nonce}")).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
