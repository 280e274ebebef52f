use http::HeaderValue;
use sha2::{Digest as _, Sha256, Sha512};

use crate::problem::Problem;

/// What a body must hash to (RFC 9530).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContentDigest {
    /// `sha-256`.
    Sha256(Vec<u8>),
    /// `sha-512`.
    Sha512(Vec<u8>),
}

impl ContentDigest {
    /// Whether a whole body hashes to it.
    pub(super) fn is_of(&self, body: &[u8]) -> bool {
        let mut running = Running::new(self);
        running.update(body);
        running.holds()
    }
}

/// A digest on its way through a body.
pub(super) struct Running {
    wanted: Vec<u8>,
    hash: Hash,
}

enum Hash {
    Sha256(Sha256),
    Sha512(Box<Sha512>),
}

impl Running {
    pub(super) fn new(wanted: &ContentDigest) -> Self {
        let (wanted, hash) = match wanted {
            ContentDigest::Sha256(wanted) => (wanted, Hash::Sha256(Sha256::new())),
            ContentDigest::Sha512(wanted) => (wanted, Hash::Sha512(Box::new(Sha512::new()))),
        };
        Self {
            wanted: wanted.clone(),
            hash,
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match &mut self.hash {
            Hash::Sha256(hash) => hash.update(bytes),
            Hash::Sha512(hash) => hash.update(bytes),
        }
    }

    pub(super) fn holds(self) -> bool {
        // Digests are public, so how long it takes tells nothing.
        match self.hash {
            Hash::Sha256(hash) => hash.finalize().as_slice() == self.wanted,
            Hash::Sha512(hash) => hash.finalize().as_slice() == self.wanted,
        }
    }
}

/// The refusal of a body that is not the one that was signed.
pub(super) fn mismatch() -> Problem {
    Problem::invalid(
        "DIGEST_MISMATCH",
        "The body is not the one that Content-Digest was made of.",
    )
    .with_header(
        "want-content-digest",
        HeaderValue::from_static("sha-256=10, sha-512=9"),
    )
}
