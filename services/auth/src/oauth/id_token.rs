use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use super::http::Http;
use super::keys::KeyCache;
use super::{Error, Profile};
use crate::domain::totp::constant_time_eq;

/// Algorithms that are believed. A secret is never a key here, so none that
/// works with one is among them.
const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::ES256,
    Algorithm::EdDSA,
];
const LEEWAY_SECONDS: i64 = 30;
/// An ID token that was made longer ago was not made for this sign-in.
const OLDEST_SECONDS: i64 = 600;

/// What an ID token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now_ms: i64,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: Audience,
    #[serde(default)]
    azp: Option<String>,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    email_verified: Option<Flag>,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Some providers write their booleans as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Flag {
    Bool(bool),
    Text(String),
}

impl Flag {
    fn is_set(&self) -> bool {
        match self {
            Self::Bool(flag) => *flag,
            Self::Text(text) => text == "true",
        }
    }
}

/// Checks an ID token (OpenID Connect Core 3.1.3.7).
pub(super) async fn check(
    token: &str,
    expected: &Expected<'_>,
    keys: &KeyCache,
    http: &Http,
    jwks_uri: &str,
) -> Result<Profile, Error> {
    let header = decode_header(token).map_err(|_| Error::Refused("its ID token is malformed"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(Error::Refused(
            "its ID token has an algorithm that is not allowed",
        ));
    }
    let jwk = keys.find(http, jwks_uri, header.kid.as_deref()).await?;
    let key = DecodingKey::from_jwk(&jwk).map_err(|_| Error::Refused("its key is malformed"))?;
    // The key must be of the algorithm's family, or this refuses.
    let mut rules = Validation::new(header.alg);
    rules.set_issuer(&[expected.issuer]);
    rules.set_audience(&[expected.client_id]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // Time is judged below, by the service's clock.
    rules.validate_exp = false;
    let claims = decode::<Claims>(token, &key, &rules)
        .map_err(|_| Error::Refused("its ID token does not verify"))?
        .claims;
    judge(claims, expected)
}

fn judge(claims: Claims, expected: &Expected<'_>) -> Result<Profile, Error> {
    let others = match &claims.aud {
        Audience::One(one) => one != expected.client_id,
        Audience::Many(many) => many.len() != 1,
    };
    let authorized = claims.azp.as_deref();
    if authorized.map_or(others, |party| party != expected.client_id) {
        return Err(Error::Refused("its ID token is for another client"));
    }
    let now = expected.now_ms / 1000;
    if now > claims.exp + LEEWAY_SECONDS
        || claims.iat > now + LEEWAY_SECONDS
        || claims.iat < now - OLDEST_SECONDS
    {
        return Err(Error::Refused("its ID token is not of this time"));
    }
    let nonce = claims.nonce.unwrap_or_default();
    if !constant_time_eq(nonce.as_bytes(), expected.nonce.as_bytes()) {
        return Err(Error::Refused("its ID token is not of this sign-in"));
    }
    if claims.sub.is_empty() || claims.sub.len() > 255 {
        return Err(Error::Refused("its ID token names nobody"));
    }
    Ok(Profile {
        subject: claims.sub,
        email: claims.email.unwrap_or_default(),
        email_verified: claims.email_verified.is_some_and(|flag| flag.is_set()),
        name: claims.name.unwrap_or_default(),
    })
}

#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    email_verified: Option<Flag>,
    #[serde(default)]
    name: Option<String>,
}

/// Adds what an ID token left out (OpenID Connect Core 5.3).
pub(super) async fn complete(
    profile: Profile,
    http: &Http,
    userinfo: &str,
    access_token: &str,
) -> Result<Profile, Error> {
    let info: UserInfo = http.get(userinfo, Some(access_token)).await?;
    if info.sub != profile.subject {
        return Err(Error::Refused("it tells of somebody else"));
    }
    Ok(Profile {
        email: info.email.unwrap_or_default(),
        email_verified: info.email_verified.is_some_and(|flag| flag.is_set()),
        name: if profile.name.is_empty() {
            info.name.unwrap_or_default()
        } else {
            profile.name
        },
        subject: profile.subject,
    })
}

#[cfg(test)]
mod tests {
    use super::{Claims, Expected, judge};

    fn judged(change: impl FnOnce(&mut serde_json::Value)) -> Result<super::Profile, super::Error> {
        let mut claims = serde_json::json!({
            "sub": "1", "aud": "covergen", "exp": 2_000, "iat": 1_000, "nonce": "n",
            "email": "ada@example.org", "email_verified": "true",
        });
        change(&mut claims);
        let claims: Claims = serde_json::from_value(claims).expect("the claims have the shape");
        let expected = Expected {
            issuer: "https://a.example",
            client_id: "covergen",
            nonce: "n",
            now_ms: 1_010_000,
        };
        judge(claims, &expected)
    }

    #[test]
    fn claims_of_this_sign_in_are_believed_and_no_others() {
        let profile = judged(|_| {}).expect("all is well");
        assert!(profile.email_verified);
        type Change = fn(&mut serde_json::Value);
        let refused: [Change; 8] = [
            |c| c["nonce"] = "other".into(),
            |c| c["nonce"] = serde_json::Value::Null,
            |c| c["exp"] = 970.into(),
            |c| c["iat"] = 1_100.into(),
            |c| c["iat"] = 100.into(),
            |c| c["sub"] = "".into(),
            |c| c["azp"] = "other".into(),
            |c| c["aud"] = serde_json::json!(["covergen", "other"]),
        ];
        for change in refused {
            assert!(judged(change).is_err());
        }
        let both = judged(|c| {
            c["aud"] = serde_json::json!(["covergen", "other"]);
            c["azp"] = "covergen".into();
        });
        assert!(both.is_ok());
        let unproved = judged(|c| c["email_verified"] = "false".into());
        assert!(unproved.is_ok_and(|profile| !profile.email_verified));
    }
}
