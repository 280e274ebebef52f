use serde_json::{Value, json};

use super::cose;

/// Who asks for credentials, and from which pages.
#[derive(Debug, Clone)]
pub(crate) struct RelyingParty {
    /// A domain: the pages' own, or one above it.
    pub(crate) id: String,
    /// Origins of the pages.
    pub(crate) origins: Vec<String>,
}

/// Milliseconds that a browser waits for its user.
pub(crate) const TIMEOUT_MS: i64 = 300_000;

/// Whom a new credential is for.
pub(crate) struct Person<'a> {
    /// Opaque and without meaning outside: the bytes of the user id.
    pub(crate) handle: &'a [u8],
    pub(crate) email: &'a str,
    pub(crate) display_name: &'a str,
}

impl RelyingParty {
    /// PublicKeyCredentialCreationOptionsJSON. `existing` are the credentials
    /// that need not be made again, with their transports.
    pub(crate) fn creation_options(
        &self,
        person: &Person<'_>,
        challenge: &[u8],
        existing: &[(Vec<u8>, Vec<String>)],
    ) -> Value {
        let exclude: Vec<Value> = existing
            .iter()
            .map(|(id, transports)| {
                json!({ "type": "public-key", "id": super::encode(id), "transports": transports })
            })
            .collect();
        let algorithms: Vec<Value> = cose::ALGORITHMS
            .iter()
            .map(|alg| json!({ "type": "public-key", "alg": alg }))
            .collect();
        json!({
            "rp": { "id": self.id, "name": "Covergen" },
            "user": {
                "id": super::encode(person.handle),
                "name": person.email,
                "displayName": person.display_name,
            },
            "challenge": super::encode(challenge),
            "pubKeyCredParams": algorithms,
            "timeout": TIMEOUT_MS,
            "excludeCredentials": exclude,
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": true,
                "userVerification": "required",
            },
            "attestation": "none",
            "extensions": { "credProps": true },
        })
    }

    /// PublicKeyCredentialRequestOptionsJSON for a passkey that knows whose it
    /// is.
    pub(crate) fn request_options(&self, challenge: &[u8]) -> Value {
        json!({
            "challenge": super::encode(challenge),
            "timeout": TIMEOUT_MS,
            "rpId": self.id,
            "allowCredentials": [],
            "userVerification": "required",
        })
    }
}
