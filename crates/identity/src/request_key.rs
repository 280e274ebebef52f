use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// Length of a public key, in bytes.
const KEY_BYTES: usize = 32;

/// The Ed25519 public key that requests made with an API key are signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey(VerifyingKey);

/// Why bytes are no key to check signatures with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestKeyError {
    /// Another length.
    #[error("must have 32 bytes")]
    Length,
    /// No point of the curve, or one in another spelling than its own.
    #[error("is not an Ed25519 public key")]
    NoPoint,
    /// A point outside the group that keys are made in: whoever sends one can
    /// show signatures without having a private key.
    #[error("is an Ed25519 point that proves nothing: it is of low or mixed order")]
    WeakPoint,
}

impl RequestKey {
    /// Reads a public key.
    ///
    /// # Errors
    /// The bytes are not one, or one that proves nothing.
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestKeyError> {
        let bytes: &[u8; KEY_BYTES] = bytes.try_into().map_err(|_| RequestKeyError::Length)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| RequestKeyError::NoPoint)?;
        let point = key.to_edwards();
        if point.compress().as_bytes() != bytes {
            return Err(RequestKeyError::NoPoint);
        }
        if key.is_weak() || !point.is_torsion_free() {
            return Err(RequestKeyError::WeakPoint);
        }
        Ok(Self(key))
    }

    /// The key's 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Its JWK thumbprint (RFC 7638, SHA-256), by which its owner tells it
    /// from another.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        // Members in the order of their names and no blanks, as the RFC has it.
        let jwk = format!(
            r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#,
            URL_SAFE_NO_PAD.encode(self.0.as_bytes())
        );
        URL_SAFE_NO_PAD.encode(Sha256::digest(jwk.as_bytes()))
    }

    /// Whether a signature over a message is this key's. Of the signatures
    /// that verifiers disagree about none is taken.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ed25519_dalek::{Signer as _, SigningKey};

    use super::{RequestKey, RequestKeyError};

    #[test]
    fn the_thumbprint_is_that_of_rfc_8037() {
        let key = URL_SAFE_NO_PAD
            .decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
            .expect("the RFC writes base64url");
        let key = RequestKey::parse(&key).expect("the RFC's key is one");
        assert_eq!(
            key.thumbprint(),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }

    #[test]
    fn what_proves_nothing_is_no_key() {
        let parse = |bytes: &[u8]| RequestKey::parse(bytes).map(|_| ());
        let known = SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes();
        assert_eq!(parse(&known), Ok(()));
        assert_eq!(parse(&known[1..]), Err(RequestKeyError::Length));
        assert_eq!(parse(&[]), Err(RequestKeyError::Length));
        // y = 2 is on no point of the curve.
        let mut none = [0; 32];
        none[0] = 2;
        assert_eq!(parse(&none), Err(RequestKeyError::NoPoint));
        // The point of order 1, and y = 0, which is of order 4.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        assert_eq!(parse(&neutral), Err(RequestKeyError::WeakPoint));
        assert_eq!(parse(&[0; 32]), Err(RequestKeyError::WeakPoint));
        // The neutral point again, its y written as p + 1.
        let mut other = [0xff; 32];
        (other[0], other[31]) = (0xee, 0x7f);
        assert_eq!(parse(&other), Err(RequestKeyError::NoPoint));
    }

    #[test]
    fn a_signature_holds_for_its_message_and_its_key_alone() {
        let (mine, other) = (
            SigningKey::from_bytes(&[7; 32]),
            SigningKey::from_bytes(&[8; 32]),
        );
        let key = RequestKey::parse(mine.verifying_key().as_bytes()).expect("it is a key");
        let signature = mine.sign(b"message").to_bytes();
        assert!(key.verifies(b"message", &signature));
        assert!(!key.verifies(b"massage", &signature));
        assert!(!key.verifies(b"message", &signature[1..]));
        assert!(!key.verifies(b"message", &other.sign(b"message").to_bytes()));
        // A signature by the neutral point passes lax verifiers.
        let mut forged = [0; 64];
        forged[0] = 1;
        assert!(!key.verifies(b"message", &forged));
    }
}
