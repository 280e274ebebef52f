use std::sync::Arc;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 4;
const HEADER_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;

/// Seals small secrets at rest with AES-256-GCM.
///
/// What is sealed is bound to a context: bytes copied into another row do not
/// open. Keys rotate: new values are sealed with the current key, and values
/// of earlier keys open as long as those are given. Nonces are random, so one
/// key is good for some 2³² values (NIST SP 800-38D, 8.3).
#[derive(Clone)]
pub struct Sealer {
    /// The current key first.
    keys: Arc<[Key]>,
}

struct Key {
    id: [u8; KEY_ID_LEN],
    key: LessSafeKey,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(***)")
    }
}

impl Sealer {
    /// A sealer with a current key and earlier ones that still open.
    #[must_use]
    pub fn new(current: [u8; 32], previous: &[[u8; 32]]) -> Self {
        let keys = std::iter::once(&current).chain(previous).map(|bytes| {
            let unbound = UnboundKey::new(&AES_256_GCM, bytes).expect("the key has 32 bytes");
            let hash = Sha256::new()
                .chain_update(b"key id")
                .chain_update(bytes)
                .finalize();
            Key {
                id: hash[..KEY_ID_LEN]
                    .try_into()
                    .expect("a hash is longer than an id"),
                key: LessSafeKey::new(unbound),
            }
        });
        Self {
            keys: keys.collect(),
        }
    }

    /// Seals a value for the context `aad`.
    ///
    /// # Errors
    /// [`Error::Sealed`] when the system has no randomness to give.
    pub fn seal(&self, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let Key { id, key } = &self.keys[0];
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new()
            .fill(&mut nonce)
            .map_err(|_| Error::Sealed("no randomness"))?;
        let mut body = plain.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(aad),
            &mut body,
        )
        .map_err(|_| Error::Sealed("the value is too long"))?;
        let mut sealed = Vec::with_capacity(HEADER_LEN + body.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// Opens what was sealed for the same context.
    ///
    /// # Errors
    /// [`Error::Sealed`] when it was not, was changed, or its key is gone.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        if sealed.len() < HEADER_LEN || sealed[0] != VERSION {
            return Err(Error::Sealed("not a sealed value"));
        }
        let (header, body) = sealed.split_at(HEADER_LEN);
        let (id, nonce) = header[1..].split_at(KEY_ID_LEN);
        let nonce: [u8; NONCE_LEN] = nonce.try_into().expect("the header's last part");
        let known: Vec<&Key> = self.keys.iter().filter(|key| key.id == id).collect();
        if known.is_empty() {
            return Err(Error::Sealed("sealed with a key that is not given"));
        }
        for key in known {
            let mut body = body.to_vec();
            let nonce = Nonce::assume_unique_for_key(nonce);
            if let Ok(plain) = key.key.open_in_place(nonce, Aad::from(aad), &mut body) {
                return Ok(plain.to_vec());
            }
        }
        Err(Error::Sealed("changed, or sealed for another place"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_in_its_own_place_only() {
        let sealer = Sealer::new([1; 32], &[]);
        let sealed = sealer.seal(b"row 1", b"token").unwrap();
        assert!(!sealed.windows(5).any(|part| part == b"token"));
        assert_eq!(sealer.open(b"row 1", &sealed).unwrap(), b"token");
        assert!(sealer.open(b"row 2", &sealed).is_err());
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let sealer = Sealer::new([1; 32], &[]);
        let sealed = sealer.seal(b"", b"token").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(sealer.open(b"", &changed).is_err(), "byte {at}");
            assert!(sealer.open(b"", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn values_of_an_earlier_key_open_until_it_is_dropped() {
        let sealed = Sealer::new([1; 32], &[]).seal(b"", b"token").unwrap();
        assert!(Sealer::new([2; 32], &[[1; 32]]).open(b"", &sealed).is_ok());
        assert!(Sealer::new([2; 32], &[]).open(b"", &sealed).is_err());
    }

    #[test]
    fn the_same_value_seals_differently_each_time() {
        let sealer = Sealer::new([1; 32], &[]);
        assert_ne!(
            sealer.seal(b"", b"x").unwrap(),
            sealer.seal(b"", b"x").unwrap()
        );
    }
}
