use std::fmt;

use sha2::{Digest as _, Sha256};

/// What every API key begins with, so that a leaked one is recognised.
const PREFIX: &str = "cg_";
const LIVE: &str = "cg_live_";
const TEST: &str = "cg_test_";
/// Random characters: 40 of 62 kinds are 238 bits.
const BODY_CHARS: usize = 40;
const CHECK_CHARS: usize = 6;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The secret of an API key: `cg_live_` or `cg_test_`, 40 random letters and
/// digits, and 6 that check the ones before. What is mistyped or made up is
/// refused without a look into any store, and scanners for leaked secrets can
/// tell a key from noise.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeySecret(String);

impl ApiKeySecret {
    /// A new secret.
    #[must_use]
    pub fn generate(test: bool) -> Self {
        let mut text = if test { TEST } else { LIVE }.to_owned();
        while text.len() < LIVE.len() + BODY_CHARS {
            // 248 is the largest multiple of 62 in a byte: above it the first
            // characters would come more often than the last.
            let byte: u8 = rand::random();
            if byte < 248 {
                text.push(char::from(ALPHABET[usize::from(byte % 62)]));
            }
        }
        text.push_str(&check(&text));
        Self(text)
    }

    /// Whether a credential is meant as an API key.
    #[must_use]
    pub fn is_meant_by(credential: &str) -> bool {
        credential.starts_with(PREFIX)
    }

    /// Reads a secret that somebody presents; `None` when it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let known = text.starts_with(LIVE) || text.starts_with(TEST);
        let whole = text.len() == LIVE.len() + BODY_CHARS + CHECK_CHARS && text.is_ascii();
        if !known || !whole {
            return None;
        }
        let (stem, checked) = text.split_at(LIVE.len() + BODY_CHARS);
        (check(stem) == checked).then(|| Self(text.to_owned()))
    }

    /// Whether the key meets test data only.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.0.starts_with(TEST)
    }

    /// What is stored of it and what it is found by. With 238 random bits, a
    /// plain hash does.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The first characters, by which its owner tells it from another.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.0[..LIVE.len() + 4]
    }

    /// The secret itself, for its owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeySecret({}…)", self.hint())
    }
}

fn check(stem: &str) -> String {
    let digest = Sha256::digest(stem.as_bytes());
    digest[..CHECK_CHARS]
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 62)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::ApiKeySecret;

    #[test]
    fn a_secret_reads_as_what_was_made_and_as_nothing_else() {
        for test in [false, true] {
            let secret = ApiKeySecret::generate(test);
            let read = ApiKeySecret::parse(secret.reveal()).expect("it was made here");
            assert_eq!(read, secret);
            assert_eq!((read.is_test(), read.hash()), (test, secret.hash()));
        }
        let other = ApiKeySecret::generate(false);
        assert_ne!(other.hash(), ApiKeySecret::generate(false).hash());
    }

    #[test]
    fn a_slip_in_any_place_is_noticed() {
        let secret = ApiKeySecret::generate(false);
        let text = secret.reveal();
        for at in 0..text.len() {
            let mut slipped = text.as_bytes().to_vec();
            slipped[at] = if slipped[at] == b'x' { b'y' } else { b'x' };
            let slipped = String::from_utf8(slipped).expect("ASCII stays ASCII");
            assert_eq!(ApiKeySecret::parse(&slipped), None, "{slipped}");
        }
        for noise in [
            "",
            "cg_",
            "cg_live_",
            &text[1..],
            &format!("{text}x"),
            "cg_live_é",
        ] {
            assert_eq!(ApiKeySecret::parse(noise), None, "{noise}");
        }
        assert!(ApiKeySecret::is_meant_by("cg_live_x") && !ApiKeySecret::is_meant_by("eyJ"));
    }

    #[test]
    fn a_secret_does_not_print() {
        let secret = ApiKeySecret::generate(false);
        assert!(!format!("{secret:?}").contains(&secret.reveal()[13..]));
    }
}
