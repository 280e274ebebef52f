//! Nonces that were seen, each good once.

use std::time::Duration;

use covergen_cache::Cache;
use sha2::{Digest as _, Sha256};

use super::input::Signed;
use super::refusal::Refusal;
use super::rules::WINDOW_SECONDS;

/// How much longer a nonce is remembered than its signature is good, in
/// seconds: as far as the clocks of replicas may be apart.
const SLACK_SECONDS: i64 = 60;
/// Nonces that this process remembers for itself.
const OWN_ENTRIES: usize = 100_000;
const OWN_BYTES: usize = 64 * 1024 * 1024;

/// Remembers nonces for as long as their signatures are good.
pub(super) struct Nonces {
    /// What this process has seen. A shared cache that is full forgets what it
    /// was not asked for, and much else is kept there.
    own: Cache,
    shared: Cache,
}

impl Nonces {
    pub(super) fn new(cache: &Cache) -> Self {
        Self {
            own: Cache::memory(OWN_BYTES, OWN_ENTRIES),
            shared: cache.scope("signatures"),
        }
    }

    /// Uses up the nonce of a signature.
    pub(super) async fn claim(&self, id: &str, signed: &Signed, now: i64) -> Result<(), Refusal> {
        let nonce = signed.nonce.as_deref().unwrap_or_default();
        let key = format!("{id}:{}", hex(&Sha256::digest(nonce.as_bytes())));
        let until = signed.created.unwrap_or(now) + WINDOW_SECONDS + SLACK_SECONDS;
        let ttl = Duration::from_secs(until.saturating_sub(now).max(1).unsigned_abs());
        for cache in [&self.own, &self.shared] {
            match cache.set_if_absent(&key, &b"1"[..], ttl).await {
                Ok(true) => {}
                Ok(false) => return Err(Refusal::Replayed),
                Err(error) => {
                    tracing::warn!(%error, "a nonce could not be remembered");
                    // The caller may try the very same request again.
                    drop(self.own.delete(&key).await);
                    return Err(Refusal::NotChecked);
                }
            }
        }
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
