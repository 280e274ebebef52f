//! Who we are to push services: Voluntary Application Server Identification
//! (RFC 8292).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::json;
use url::Url;

/// How long a token is good; push services refuse more than 24 hours.
const LIFETIME_S: i64 = 12 * 60 * 60;

/// The platform's key, and where its operator is reached.
pub(crate) struct Vapid {
    pair: EcdsaKeyPair,
    public_key: String,
    contact: String,
}

/// A new key pair, as PKCS #8.
pub(crate) fn generate() -> Result<Vec<u8>, &'static str> {
    EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
        .map(|document| document.as_ref().to_vec())
        .map_err(|_| "the system has no randomness to give")
}

impl Vapid {
    pub(crate) fn new(pkcs8: &[u8], contact: &str) -> Result<Self, &'static str> {
        if !contact.starts_with("mailto:") && !contact.starts_with("https://") {
            return Err("services.notification.vapid_contact must begin with mailto: or https://");
        }
        let pair = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            pkcs8,
            &SystemRandom::new(),
        )
        .map_err(|_| "the stored key of Web Push is none")?;
        Ok(Self {
            public_key: URL_SAFE_NO_PAD.encode(pair.public_key()),
            pair,
            contact: contact.to_owned(),
        })
    }

    /// The public half, as browsers take it.
    pub(crate) fn public_key(&self) -> &str {
        &self.public_key
    }

    /// The header `authorization` of a message to an address.
    pub(crate) fn authorization(&self, to: &Url, now_ms: i64) -> Result<String, &'static str> {
        let claims = json!({
            "aud": to.origin().ascii_serialization(),
            "exp": now_ms / 1000 + LIFETIME_S,
            "sub": self.contact,
        });
        let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let header = json!({"alg": "ES256", "typ": "JWT"});
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self
            .pair
            .sign(&SystemRandom::new(), signed.as_bytes())
            .map_err(|_| "the system has no randomness to give")?;
        let signature = URL_SAFE_NO_PAD.encode(signature);
        Ok(format!(
            "vapid t={signed}.{signature}, k={}",
            self.public_key
        ))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::{Vapid, generate};

    #[test]
    fn a_token_names_the_push_service_and_verifies_with_the_key_beside_it() {
        let vapid = Vapid::new(&generate().unwrap(), "mailto:ops@example.com").unwrap();
        let to = "https://push.example.com:8443/send/abc".parse().unwrap();
        let header = vapid.authorization(&to, 1_700_000_000_000).unwrap();
        let (token, key) = header
            .strip_prefix("vapid t=")
            .unwrap()
            .split_once(", k=")
            .unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes(key))
            .verify(signed.as_bytes(), &bytes(signature))
            .unwrap();
        let claims = bytes(signed.split_once('.').unwrap().1);
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["aud"], "https://push.example.com:8443");
        assert_eq!(claims["exp"], 1_700_043_200);
        assert_eq!(bytes(vapid.public_key()).len(), 65);
    }

    #[test]
    fn a_contact_that_is_none_is_refused() {
        assert!(Vapid::new(&generate().unwrap(), "ops@example.com").is_err());
        assert!(Vapid::new(b"no key", "mailto:ops@example.com").is_err());
    }
}
