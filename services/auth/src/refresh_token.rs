use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// What a refresh token begins with, so that a leaked one is recognised.
const PREFIX: &str = "cgr_";

/// Makes refresh tokens: the first of a session at random, every later one
/// from the one before.
#[derive(Clone)]
pub(crate) struct RefreshTokens {
    key: [u8; 32],
}

impl RefreshTokens {
    pub(crate) const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The first token of a session.
    pub(crate) fn first() -> String {
        let secret: [u8; 32] = rand::random();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(secret))
    }

    /// The one successor of a token. Whoever presents the same token gets the
    /// same successor, without it being stored anywhere; without the key
    /// nobody can tell it from the token.
    pub(crate) fn successor(&self, token: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(token.as_bytes());
        format!(
            "{PREFIX}{}",
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        )
    }

    /// What is stored of a token. It has 256 random bits, so a plain hash does.
    pub(crate) fn hash(token: &str) -> Vec<u8> {
        Sha256::digest(token.as_bytes()).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::RefreshTokens;

    #[test]
    fn a_token_has_one_successor_and_another_key_gives_another() {
        let first = RefreshTokens::first();
        let tokens = RefreshTokens::new([1; 32]);
        assert_eq!(tokens.successor(&first), tokens.successor(&first));
        assert_ne!(tokens.successor(&first), first);
        assert_ne!(
            tokens.successor(&first),
            RefreshTokens::new([2; 32]).successor(&first)
        );
    }

    #[test]
    fn two_sessions_begin_with_different_tokens() {
        assert_ne!(RefreshTokens::first(), RefreshTokens::first());
    }
}
