use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use covergen_ids::{Clock, SessionId, UserId, WorkspaceId};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};

use crate::{Caller, KeySet, Principal, Role};

/// Lifetime of an access token.
pub const ACCESS_TOKEN_SECONDS: i64 = 15 * 60;
/// Lifetime of an internal token.
pub const INTERNAL_TOKEN_SECONDS: i64 = 5 * 60;
/// How far two machines' clocks may be apart.
pub const LEEWAY_SECONDS: i64 = 30;

/// Tokens longer than this are refused unread.
const MAX_TOKEN_BYTES: usize = 4096;
/// Verified and minted tokens kept at hand, each.
const CACHE_ENTRIES: usize = 4096;
const ISSUER: &str = "covergen";
const ACCESS: Kind = Kind {
    audience: "covergen-api",
    typ: "at+jwt",
};
const INTERNAL: Kind = Kind {
    audience: "covergen-internal",
    typ: "internal+jwt",
};

struct Kind {
    audience: &'static str,
    /// The `typ` header (RFC 9068 for access tokens), so that one kind never
    /// passes for the other.
    typ: &'static str,
}

/// Why a token was not accepted or not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token of this kind, tampered with, or signed by a stranger.
    #[error("the token is not valid")]
    Invalid,
    /// Its time is over, or has not come.
    #[error("the token has expired; sign in again or refresh it")]
    Expired,
    /// This process holds no private key for such tokens.
    #[error("this process cannot sign tokens")]
    NoSigningKey,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// User; absent in a service's own internal token.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wks: Option<WorkspaceId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
    /// Calling service; only in internal tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<String>,
    iat: i64,
    nbf: i64,
    exp: i64,
    /// Makes every token unlike every other.
    jti: String,
}

impl Claims {
    fn principal(&self) -> Option<Principal> {
        Some(Principal {
            user_id: self.sub?,
            workspace_id: self.wks?,
            roles: self.roles.clone(),
            session_id: self.sid,
            scopes: self.scopes.clone(),
        })
    }
}

fn sign(
    keys: &KeySet,
    clock: &Clock,
    kind: &Kind,
    seconds: i64,
    principal: Option<&Principal>,
    act: Option<&str>,
) -> Result<String, TokenError> {
    let (kid, key) = keys.signing().ok_or(TokenError::NoSigningKey)?;
    let now = clock.now_ms() / 1000;
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: kind.audience.to_owned(),
        sub: principal.map(|principal| principal.user_id),
        wks: principal.map(|principal| principal.workspace_id),
        roles: principal.map_or_else(Vec::new, |principal| principal.roles.clone()),
        sid: principal.and_then(|principal| principal.session_id),
        scopes: principal.and_then(|principal| principal.scopes.clone()),
        act: act.map(str::to_owned),
        iat: now,
        nbf: now,
        exp: now + seconds,
        jti: clock.uuid_v7().simple().to_string(),
    };
    let header = Header {
        typ: Some(kind.typ.to_owned()),
        kid: Some(kid.to_owned()),
        ..Header::new(Algorithm::EdDSA)
    };
    encode(&header, &claims, key).map_err(|_| TokenError::NoSigningKey)
}

fn read(keys: &KeySet, clock: &Clock, kind: &Kind, token: &str) -> Result<Claims, TokenError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenError::Invalid);
    }
    let header = decode_header(token).map_err(|_| TokenError::Invalid)?;
    // `kid` is only ever looked up among the keys at hand, and `alg` must be
    // the one algorithm there is: neither chooses anything.
    if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(kind.typ) {
        return Err(TokenError::Invalid);
    }
    let kid = header.kid.ok_or(TokenError::Invalid)?;
    let key = keys.verifying(&kid).ok_or(TokenError::Invalid)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[kind.audience]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud"]);
    // Time is judged below, by the service's clock rather than the library's.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let claims = decode::<Claims>(token, key, &validation)
        .map_err(|_| TokenError::Invalid)?
        .claims;
    check_time(clock, &claims)?;
    Ok(claims)
}

fn check_time(clock: &Clock, claims: &Claims) -> Result<(), TokenError> {
    let now = clock.now_ms() / 1000;
    if now > claims.exp + LEEWAY_SECONDS || now < claims.nbf - LEEWAY_SECONDS {
        return Err(TokenError::Expired);
    }
    Ok(())
}

/// Verified claims by token, so that a signature is checked once per process.
/// Bounded: when it is full it starts over, which costs one check per token.
#[derive(Clone, Default)]
struct Verified(Arc<Mutex<HashMap<String, Arc<Claims>>>>);

impl Verified {
    fn read(
        &self,
        keys: &KeySet,
        clock: &Clock,
        kind: &Kind,
        token: &str,
    ) -> Result<Arc<Claims>, TokenError> {
        let known = {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(token).cloned()
        };
        if let Some(claims) = known {
            check_time(clock, &claims)?;
            return Ok(claims);
        }
        let claims = Arc::new(read(keys, clock, kind, token)?);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CACHE_ENTRIES {
            known.clear();
        }
        known.insert(token.to_owned(), Arc::clone(&claims));
        Ok(claims)
    }
}

/// Issues and verifies what people hold.
#[derive(Clone)]
pub struct AccessTokens {
    keys: KeySet,
    clock: Clock,
    verified: Verified,
}

impl AccessTokens {
    /// Uses the given keys.
    #[must_use]
    pub fn new(keys: KeySet, clock: Clock) -> Self {
        Self {
            keys,
            clock,
            verified: Verified::default(),
        }
    }

    /// Signs a token for a principal; it lives [`ACCESS_TOKEN_SECONDS`].
    ///
    /// # Errors
    /// This process holds no private key.
    pub fn issue(&self, principal: &Principal) -> Result<String, TokenError> {
        sign(
            &self.keys,
            &self.clock,
            &ACCESS,
            ACCESS_TOKEN_SECONDS,
            Some(principal),
            None,
        )
    }

    /// Tells whose token it is.
    ///
    /// # Errors
    /// The token is not valid, or its time is over.
    pub fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        self.verified
            .read(&self.keys, &self.clock, &ACCESS, token)?
            .principal()
            .ok_or(TokenError::Invalid)
    }

    /// The public keys, for a JWKS.
    #[must_use]
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }
}

/// Issues and verifies what services hand each other.
#[derive(Clone)]
pub struct InternalTokens {
    keys: KeySet,
    clock: Clock,
    verified: Verified,
    minted: Arc<Mutex<Minted>>,
}

/// Whom a token speaks for -> the token and when it was signed (Unix seconds).
type Minted = HashMap<(String, Option<Principal>), (String, i64)>;

impl InternalTokens {
    /// Uses the given keys.
    #[must_use]
    pub fn new(keys: KeySet, clock: Clock) -> Self {
        Self {
            keys,
            clock,
            verified: Verified::default(),
            minted: Arc::default(),
        }
    }

    /// A token that says: `service` calls, on this principal's behalf. One is
    /// used again for a minute, so that a busy caller does not sign each call.
    ///
    /// # Errors
    /// This process holds no private key.
    pub fn issue(
        &self,
        service: &str,
        on_behalf_of: Option<&Principal>,
    ) -> Result<String, TokenError> {
        let key = (service.to_owned(), on_behalf_of.cloned());
        let now = self.clock.now_ms() / 1000;
        {
            let minted = self.minted.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((token, at)) = minted.get(&key)
                && (0..60).contains(&(now - at))
            {
                return Ok(token.clone());
            }
        }
        let token = sign(
            &self.keys,
            &self.clock,
            &INTERNAL,
            INTERNAL_TOKEN_SECONDS,
            on_behalf_of,
            Some(service),
        )?;
        let mut minted = self.minted.lock().unwrap_or_else(PoisonError::into_inner);
        if minted.len() >= CACHE_ENTRIES {
            minted.clear();
        }
        minted.insert(key, (token.clone(), now));
        Ok(token)
    }

    /// The keys, for secrets that every service derives alike.
    #[must_use]
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// Tells which service calls, and for whom.
    ///
    /// # Errors
    /// The token is not valid, or its time is over.
    pub fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        let claims = self
            .verified
            .read(&self.keys, &self.clock, &INTERNAL, token)?;
        Ok(Caller::Service {
            name: claims.act.clone().ok_or(TokenError::Invalid)?,
            on_behalf_of: claims.principal(),
        })
    }
}

#[cfg(test)]
mod tests {
    use covergen_ids::ManualClock;
    use serde_json::{Value, json};

    use super::*;

    fn tokens() -> (ManualClock, AccessTokens, Principal) {
        let manual = Clock::manual(1_800_000_000_000);
        let clock = manual.clock();
        let who = Principal {
            user_id: UserId::new(&clock),
            workspace_id: WorkspaceId::new(&clock),
            roles: vec![Role::Creator],
            session_id: None,
            scopes: None,
        };
        (manual, AccessTokens::new(KeySet::ephemeral(), clock), who)
    }

    /// A token of our own, by our own key, whose claims were changed before it
    /// was signed.
    fn signed(tokens: &AccessTokens, who: &Principal, change: impl FnOnce(&mut Value)) -> String {
        let good = tokens.issue(who).unwrap();
        let (kid, key) = tokens.keys.signing().unwrap();
        let claims = read(&tokens.keys, &tokens.clock, &ACCESS, &good).unwrap();
        let mut claims = serde_json::to_value(claims).unwrap();
        change(&mut claims);
        let header = Header {
            typ: Some(ACCESS.typ.to_owned()),
            kid: Some(kid.to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        encode(&header, &claims, key).unwrap()
    }

    #[test]
    fn every_claim_that_bounds_a_token_has_to_be_there_and_right() {
        let (_, tokens, who) = tokens();
        assert!(tokens.verify(&signed(&tokens, &who, |_| {})).is_ok());
        for name in ["exp", "nbf", "iss", "aud"] {
            let without = signed(&tokens, &who, |claims| {
                claims.as_object_mut().unwrap().remove(name);
            });
            assert_eq!(tokens.verify(&without), Err(TokenError::Invalid), "{name}");
            let wrong = signed(&tokens, &who, |claims| claims[name] = json!("other"));
            assert_eq!(tokens.verify(&wrong), Err(TokenError::Invalid), "{name}");
        }
    }

    #[test]
    fn clocks_may_differ_by_thirty_seconds_and_not_by_an_hour() {
        const HOUR_MS: i64 = 3_600_000;
        let (clock, tokens, who) = tokens();
        // Remembered ones are judged as well as new ones.
        let (known, new) = (tokens.issue(&who).unwrap(), tokens.issue(&who).unwrap());
        assert!(tokens.verify(&known).is_ok());
        for (jump_ms, taken) in [
            (-30_000, true),
            (-31_000, false),
            (-HOUR_MS, false),
            (HOUR_MS, false),
        ] {
            clock.advance_ms(jump_ms);
            for token in [&known, &new] {
                assert_eq!(tokens.verify(token).is_ok(), taken, "{jump_ms} ms");
            }
            clock.advance_ms(-jump_ms);
        }
    }
}
