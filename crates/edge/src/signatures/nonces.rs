//! Nonces that were seen, each good once.

use std::sync::Arc;
use std::time::Duration;

use covergen_cache::{Cache, OnOutage, RateLimiter, Window};
use covergen_chassis::Identity;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

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
/// Room for the counts of the keys that sign.
const COUNTED_BYTES: usize = 16 * 1024 * 1024;
const COUNTED_KEYS: usize = 50_000;

/// Remembers nonces for as long as their signatures are good.
pub(super) struct Nonces {
    /// What this process has seen, so that a flood of one request stops here.
    own: Cache,
    /// The way to auth, whose database remembers for all processes. A cache
    /// would not do: a full one forgets what it was not asked for, and one
    /// that was restarted knows nothing.
    api_keys: Arc<ApiKeys>,
    /// Claims of each key, in this process alone: the count is to cost less
    /// than what it saves.
    counted: RateLimiter,
    /// How many each key may make; any number where there is none.
    pub(super) windows: Vec<Window>,
}

impl Nonces {
    pub(super) fn new(api_keys: Arc<ApiKeys>) -> Self {
        Self {
            own: Cache::memory(OWN_BYTES, OWN_ENTRIES),
            api_keys,
            counted: RateLimiter::new(
                &Cache::memory(COUNTED_BYTES, COUNTED_KEYS),
                OnOutage::JudgeLocally,
            ),
            windows: Vec::new(),
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
        let ttl = Duration::from_secs(keep_seconds.unsigned_abs().into());
        let is_held = self.remember(&hashes, ttl).await?;
        // Only now, or whoever sends one request of theirs again and again
        // would use up what the key's owner has left.
        if let Err(refused) = self.count(id).await {
            self.forget(&hashes).await;
            return Err(refused);
        }
        // Of all together: a claim of some of them is another claim.
        let attempt = format!("claim:{}", hex(&Sha256::digest(hashes.concat())));
        let earlier = if is_held {
            self.take(&attempt).await
        } else {
            None
        };
        let claim_id = earlier.unwrap_or_else(|| Uuid::new_v4().simple().to_string());
        let claimed = self
            .api_keys
            .claim_nonces(&hashes, &claim_id, keep_seconds, identity, edge)
            .await;
        if claimed == Err(Refusal::NotChecked) {
            // The caller may try the very same request again. Auth may have
            // taken this claim although its answer was lost, so the next try
            // makes the same one; first, since whoever holds the nonces looks
            // for it.
            drop(self.own.set(&attempt, claim_id, ttl).await);
            self.forget(&hashes).await;
        }
        claimed
    }

    async fn forget(&self, hashes: &[[u8; 32]]) {
        for hash in hashes {
            drop(self.own.delete(&hex(hash)).await);
        }
    }

    async fn count(&self, id: &str) -> Result<(), Refusal> {
        if self.windows.is_empty() {
            return Ok(());
        }
        match self.counted.check(id, &self.windows, 1).await {
            Ok(decision) if !decision.allowed => {
                let wait_ms = decision.retry_after_ms.unwrap_or(decision.reset_after_ms);
                Err(Refusal::TooMany(Duration::from_millis(wait_ms)))
            }
            Ok(_) => Ok(()),
            // Its nonce is as little to be remembered without a count.
            Err(error) => {
                tracing::warn!(%error, "a signed request cannot be counted");
                Err(Refusal::NotChecked)
            }
        }
    }

    /// Whether this process holds all of them now; what it cannot remember,
    /// auth does.
    async fn remember(&self, hashes: &[[u8; 32]], ttl: Duration) -> Result<bool, Refusal> {
        let mut is_held = true;
        for hash in hashes {
            match self.own.set_if_absent(&hex(hash), &b"1"[..], ttl).await {
                Ok(true) => {}
                Ok(false) => return Err(Refusal::Replayed),
                Err(_) => is_held = false,
            }
        }
        Ok(is_held)
    }

    /// The id of a claim of which it is not known whether auth took it. Only
    /// one try makes that claim again: whoever holds its nonces and removes it.
    async fn take(&self, attempt: &str) -> Option<String> {
        let id = self.own.get(attempt).await.ok()??;
        let taken = self.own.delete(attempt).await.ok()?;
        taken.then(|| String::from_utf8_lossy(&id).into_owned())
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
