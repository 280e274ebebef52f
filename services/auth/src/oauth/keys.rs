use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use serde::Deserialize;

use super::Error;
use super::http::Http;

/// How long keys are believed.
const FRESH_FOR: Duration = Duration::from_secs(600);
/// Keys are not fetched again sooner than this for a `kid` that is not among
/// them: whoever makes up `kid`s cannot make us ask without end.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct Json {
    keys: Vec<serde_json::Value>,
}

/// Keys, and when they were fetched.
type Fetched = (Instant, Arc<Vec<Jwk>>);

/// One issuer's keys.
#[derive(Clone, Default)]
pub(super) struct KeyCache(Arc<RwLock<Option<Fetched>>>);

impl KeyCache {
    /// The key with an id; without an id the only key there is.
    pub(super) async fn find(
        &self,
        http: &Http,
        jwks_uri: &str,
        kid: Option<&str>,
    ) -> Result<Jwk, Error> {
        let known = {
            let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
            known.clone()
        };
        if let Some((at, keys)) = known {
            let found = choose(&keys, kid);
            let age = at.elapsed();
            if age < PATIENCE || (age < FRESH_FOR && found.is_some()) {
                return found.ok_or(Error::Refused(
                    "its ID token is signed with no key of its own",
                ));
            }
        }
        let json: Json = http.get(jwks_uri, None).await?;
        // Keys of kinds that are not known here are somebody else's business.
        let keys: Vec<Jwk> = json
            .keys
            .into_iter()
            .take(100)
            .filter_map(|key| serde_json::from_value(key).ok())
            .collect();
        let found = choose(&keys, kid);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), Arc::new(keys)));
        found.ok_or(Error::Refused(
            "its ID token is signed with no key of its own",
        ))
    }
}

fn choose(keys: &[Jwk], kid: Option<&str>) -> Option<Jwk> {
    let signing = |key: &&Jwk| !matches!(key.common.public_key_use, Some(ref used) if *used != PublicKeyUse::Signature);
    let mut signing = keys.iter().filter(signing);
    match kid {
        Some(kid) => signing.find(|key| key.common.key_id.as_deref() == Some(kid)),
        None => signing.next().filter(|_| signing.next().is_none()),
    }
    .cloned()
}
