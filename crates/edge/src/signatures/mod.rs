//! Signed requests of API keys (RFC 9421): a key that was made with a public
//! key is good for requests that its private key has signed, and for no others.
//!
//! # Invariants
//! - The algorithm is the key's, never the message's.
//! - What is covered is judged before what is signed is believed, and both
//!   before a nonce is used up.
//! - What a key has signed is counted before auth is asked to remember it, so
//!   that nobody writes to its database without a limit.
//! - Where a nonce cannot be remembered, its request is refused.
//!
//! Modules in reading order: `message` (what a request is to its signer),
//! `input` (the two headers), `rules` (what has to be covered), `digest`,
//! `nonces`, `refusal`.

mod digest;
mod input;
mod message;
mod nonces;
mod refusal;
mod rules;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use covergen_bff::{Presented, Problem, Proof, Signatures};
use covergen_chassis::Identity;
use covergen_identity::{ApiKeySecret, RequestKey};

use crate::config::SIGNED;
use crate::{ApiKeys, EdgeConfig, RateClass};
use input::Signed;
use message::Message;
use nonces::Nonces;

pub use message::{PublicUrl, PublicUrlError};
pub(crate) use refusal::{Refusal, required as signature_required};

/// Judges the signatures of requests that API keys are presented with.
pub struct EdgeSignatures {
    identity: Identity,
    edge: &'static str,
    api_keys: Arc<ApiKeys>,
    nonces: Nonces,
    public_url: Option<PublicUrl>,
}

impl EdgeSignatures {
    /// Judges under the name of one edge, for the keys that it lets in. Nonces
    /// are remembered by auth, so that replicas refuse what one of them has
    /// seen.
    #[must_use]
    pub fn new(identity: Identity, edge: &'static str, api_keys: Arc<ApiKeys>) -> Self {
        Self {
            identity,
            edge,
            nonces: Nonces::new(Arc::clone(&api_keys)),
            api_keys,
            public_url: None,
        }
    }

    /// Takes no more signed requests of one key than the class `signed` says.
    #[must_use]
    pub fn limited(mut self, config: &EdgeConfig) -> Self {
        let class = config.rates.get(SIGNED);
        self.nonces.windows = class.map(RateClass::windows).unwrap_or_default();
        self
    }

    /// Callers reach this edge at an address of its own, whatever proxies make
    /// of it on the way.
    #[must_use]
    pub fn at(mut self, public_url: Option<PublicUrl>) -> Self {
        self.public_url = public_url;
        self
    }

    async fn judge(
        &self,
        request: &Presented<'_>,
        id: &str,
        key: &RequestKey,
    ) -> Result<Proof, Refusal> {
        let message = Message::of(request, self.public_url.as_ref())?;
        let now = self.identity.revocations.now_ms() / 1000;
        let good = good(&message, &rules::Wanted::of(request), id, key, now)?;
        // Every one of them is used up, or a request that bears two could be
        // sent twice.
        let claim = self.nonces.claim(id, &good, now, &self.identity, self.edge);
        claim.await?;
        let covers_digest = good.iter().any(|signed| signed.covers(digest::HEADER));
        let digests = if covers_digest {
            digest::parse(request.headers)?
        } else {
            Vec::new()
        };
        Ok(Proof::new(id, digests))
    }
}

/// The signatures of a request that are this key's and say enough; at least
/// one.
fn good(
    message: &Message<'_>,
    wanted: &rules::Wanted,
    id: &str,
    key: &RequestKey,
    now: i64,
) -> Result<Vec<Signed>, Refusal> {
    let mut good = Vec::new();
    let mut refused = None;
    for read in input::parse(message.headers)? {
        let (mine, judged) = match read {
            Ok(signed) => {
                let judged = judged(message, wanted, id, key, now, &signed);
                (signed.names(id), judged.map(|()| signed))
            }
            Err(why) => (false, Err(why)),
        };
        match judged {
            Ok(signed) => good.push(signed),
            // What is said of a signature by this key helps its owner most.
            Err(why) if refused.is_none() || mine => refused = Some(why),
            Err(_) => {}
        }
    }
    match refused {
        Some(why) if good.is_empty() => Err(why),
        _ => Ok(good),
    }
}

fn judged(
    message: &Message<'_>,
    wanted: &rules::Wanted,
    id: &str,
    key: &RequestKey,
    now: i64,
    signed: &Signed,
) -> Result<(), Refusal> {
    rules::check_parameters(signed, id, now)?;
    wanted.check(signed)?;
    let base = message.base(signed)?;
    if key.verifies(base.as_bytes(), &signed.signature) {
        Ok(())
    } else {
        Err(Refusal::invalid(
            "the signature is not one of this request by this key's signing key",
        ))
    }
}

#[async_trait]
impl Signatures for EdgeSignatures {
    async fn check(&self, request: &Presented<'_>) -> Result<Option<Proof>, Problem> {
        let credential = request.credential.token;
        if !ApiKeySecret::is_meant_by(credential) {
            return Ok(None);
        }
        // A key that cannot be looked up is for the gate to refuse, which asks
        // for the proof of one that asks for signatures.
        let looked_up = self.api_keys.find(credential, &self.identity, self.edge);
        let Ok(known) = looked_up.await else {
            return Ok(None);
        };
        let Some(key) = &known.signing_key else {
            return Ok(None);
        };
        let judged = self.judge(request, &known.id, key).await;
        judged.map(Some).map_err(|refusal| {
            let accepted = rules::Wanted::of(request).accept_signature(&known.id);
            refusal.told(accepted)
        })
    }
}
