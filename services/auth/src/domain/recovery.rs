//! Recovery codes: for whom the authenticator app is lost.

use covergen_ids::UserId;
use sha2::{Digest as _, Sha256};

/// Codes handed out at once.
pub(crate) const COUNT: usize = 10;
/// Crockford's base32: no letter looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 16 characters of 5 bits are 80 bits: far beyond guessing, so a plain hash
/// keeps them.
const CHARS: usize = 16;

/// A new code, in groups of four.
pub(crate) fn generate() -> String {
    let bytes: [u8; CHARS] = rand::random();
    let mut code = String::with_capacity(CHARS + 3);
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 && at % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    code
}

/// What is stored of a code. However it is typed: case, dashes, spaces and
/// the letters that look like digits make no difference.
pub(crate) fn hash(user: UserId, typed: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(user.to_string());
    let typed = typed
        .bytes()
        .filter(|byte| !matches!(byte, b'-' | b' ' | b'_'))
        .map(|byte| match byte.to_ascii_lowercase() {
            b'o' => b'0',
            b'i' | b'l' => b'1',
            other => other,
        });
    hash.update(typed.collect::<Vec<u8>>());
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use covergen_ids::{Clock, UserId};

    use super::{generate, hash};

    #[test]
    fn a_code_is_known_however_it_is_typed_and_to_its_owner_only() {
        let clock = Clock::system();
        let (ada, bob) = (UserId::new(&clock), UserId::new(&clock));
        let code = generate();
        assert_eq!(code.len(), 19);
        let typed = format!(
            " {} ",
            code.replace('-', "").to_uppercase().replace('0', "O")
        );
        assert_eq!(hash(ada, &code), hash(ada, &typed));
        assert_ne!(hash(ada, &code), hash(bob, &code));
        assert_ne!(hash(ada, &code), hash(ada, &generate()));
    }
}
