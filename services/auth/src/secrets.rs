//! Random and derived secrets, and what is stored of them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use covergen_ids::OutboxId;
use covergen_store::Sealer;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// A new secret of 256 random bits.
pub(crate) fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What is stored of a secret. It has 256 random bits, so a plain hash does.
pub(crate) fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// A hash as text, for scopes and subjects that are no place for what was
/// hashed.
pub(crate) fn hash_text(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Secrets that follow from a key of our own and from something that is known,
/// so that they need not be stored: without the key nobody can tell them.
#[derive(Clone)]
pub(crate) struct Derived {
    key: [u8; 32],
}

impl Derived {
    pub(crate) const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    fn derive(&self, purpose: &str, from: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(from.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// The token that a mail carries: the same however often the mail is sent.
    pub(crate) fn mail_token(&self, purpose: &str, command: OutboxId) -> String {
        self.derive(purpose, &command.to_string())
    }

    /// PKCE's verifier of a browser's state (RFC 7636: 43 characters).
    pub(crate) fn pkce_verifier(&self, state: &str) -> String {
        self.derive("pkce", state)
    }

    /// OpenID Connect's nonce of a browser's state.
    pub(crate) fn nonce(&self, state: &str) -> String {
        self.derive("nonce", state)
    }
}

/// The sealer of authenticator secrets: by configured keys, or by what the
/// access keys yield.
pub(crate) fn sealer(configured: &[SecretString], derived: &[[u8; 32]]) -> Result<Sealer, String> {
    let mut keys = Vec::new();
    for key in configured {
        let bytes = STANDARD.decode(key.expose_secret().trim()).ok();
        let key = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        keys.push(
            key.ok_or("services.auth.sealing_keys holds one that is not 32 bytes in base64")?,
        );
    }
    // What was sealed before keys were configured opens all the same.
    keys.extend_from_slice(derived);
    let (current, previous) = keys
        .split_first()
        .ok_or("auth needs services.auth.sealing_keys, or the private keys of access tokens")?;
    Ok(Sealer::new(*current, previous))
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::{Derived, random, sealer};

    #[test]
    fn a_derived_secret_depends_on_key_purpose_and_origin() {
        let derived = Derived::new([1; 32]);
        let state = random();
        assert_eq!(derived.pkce_verifier(&state), derived.pkce_verifier(&state));
        assert_eq!(derived.pkce_verifier(&state).len(), 43);
        assert_ne!(derived.pkce_verifier(&state), derived.nonce(&state));
        assert_ne!(derived.nonce(&state), derived.nonce(&random()));
        assert_ne!(derived.nonce(&state), Derived::new([2; 32]).nonce(&state));
    }

    #[test]
    fn what_was_sealed_before_a_key_was_configured_opens_after_it() {
        let before = sealer(&[], &[[1; 32]]).expect("a derived key will do");
        let sealed = before.seal(b"ada", b"secret").expect("it seals");
        let key = SecretString::from("AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=");
        let after = sealer(&[key], &[[1; 32]]).expect("a configured key will do");
        assert_eq!(after.open(b"ada", &sealed).expect("it opens"), b"secret");
        assert!(sealer(&[SecretString::from("short")], &[]).is_err());
        assert!(sealer(&[], &[]).is_err());
    }
}
