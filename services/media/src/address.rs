use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use covergen_ids::AssetId;
use covergen_imaging::FileFormat;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::config::Config;
use crate::domain::{Ops, extension};

/// Shortest configured key.
const MIN_KEY_CHARS: usize = 32;
/// Bytes of a signature: 128 bits cannot be guessed, and keep addresses short.
const SIGNATURE_BYTES: usize = 16;

/// Signs the addresses that images are served under, and tells its own
/// signatures from others'.
#[derive(Clone)]
pub(crate) struct Addresses {
    /// The first signs; all verify.
    keys: Vec<[u8; 32]>,
}

impl Addresses {
    /// Uses the configured keys, or else the derived one. `None` where there
    /// is neither, or a configured key is too short.
    pub(crate) fn new(config: &Config, derived: Option<[u8; 32]>) -> Option<Self> {
        let hashed = |key: &SecretString| {
            let key = key.expose_secret();
            (key.chars().count() >= MIN_KEY_CHARS).then(|| Sha256::digest(key).into())
        };
        let current = match &config.url_key {
            Some(key) => hashed(key)?,
            None => derived?,
        };
        let previous: Option<Vec<[u8; 32]>> = config.previous_url_keys.iter().map(hashed).collect();
        let mut keys = vec![current];
        keys.extend(previous?);
        Some(Self { keys })
    }

    /// The address of an asset after operations, rooted at the BFF.
    pub(crate) fn address(&self, ops: &Ops, asset: AssetId, format: FileFormat) -> String {
        let ops = ops.to_string();
        let file = format!("{asset}.{}", extension(format));
        let signature = URL_SAFE_NO_PAD.encode(&self.mac(0, &ops, &file)[..SIGNATURE_BYTES]);
        format!("/i/{signature}/{ops}/{file}")
    }

    /// Whether this service signed the address.
    pub(crate) fn is_signed(&self, signature: &str, ops: &str, file: &str) -> bool {
        let Ok(given) = URL_SAFE_NO_PAD.decode(signature) else {
            return false;
        };
        (0..self.keys.len()).any(|at| {
            let right = &self.mac(at, ops, file)[..SIGNATURE_BYTES];
            // In constant time: a comparison that stops early would tell how
            // much of a guess is right.
            given.len() == right.len()
                && given
                    .iter()
                    .zip(right)
                    .fold(0, |differs, (a, b)| differs | (a ^ b))
                    == 0
        })
    }

    fn mac(&self, at: usize, ops: &str, file: &str) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.keys[at]).expect("HMAC takes a key of any length");
        mac.update(ops.as_bytes());
        // Neither part may hold a slash, so no two addresses share an input.
        mac.update(b"/");
        mac.update(file.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use covergen_ids::{AssetId, Clock};
    use covergen_imaging::FileFormat;

    use super::Addresses;
    use crate::config::Config;
    use crate::domain::Ops;

    fn parts(address: &str) -> Vec<String> {
        address.split('/').skip(2).map(str::to_owned).collect()
    }

    #[test]
    fn only_what_was_signed_verifies() {
        let addresses = Addresses::new(&Config::default(), Some([7; 32])).unwrap();
        let asset = AssetId::new(&Clock::system());
        let address = addresses.address(&Ops::AsStored, asset, FileFormat::Png);
        assert!(address.starts_with("/i/") && address.ends_with(&format!("/o/{asset}.png")));
        let [signature, ops, file] = &parts(&address)[..] else {
            panic!("{address}");
        };
        assert!(addresses.is_signed(signature, ops, file));
        assert!(!addresses.is_signed(signature, "w_64", file));
        assert!(!addresses.is_signed(signature, ops, &file.replace("png", "jpg")));
        assert!(!addresses.is_signed(&signature[..20], ops, file));
        assert!(!addresses.is_signed("", ops, file));
        let other = Addresses::new(&Config::default(), Some([8; 32])).unwrap();
        assert!(!other.is_signed(signature, ops, file));
    }

    #[test]
    fn a_former_key_still_verifies_and_no_longer_signs() {
        let key = |letter: &str| letter.repeat(32).into();
        let before = Config {
            url_key: Some(key("a")),
            ..Config::default()
        };
        let after = Config {
            url_key: Some(key("b")),
            previous_url_keys: vec![key("a")],
            ..Config::default()
        };
        let asset = AssetId::new(&Clock::system());
        let sign = |config: &Config| {
            let addresses = Addresses::new(config, None).unwrap();
            addresses.address(&Ops::AsStored, asset, FileFormat::WebP)
        };
        assert_ne!(sign(&before), sign(&after));
        let old = parts(&sign(&before));
        let rotated = Addresses::new(&after, None).unwrap();
        assert!(rotated.is_signed(&old[0], &old[1], &old[2]));
    }

    #[test]
    fn a_short_key_is_refused() {
        let config = Config {
            url_key: Some("short".to_owned().into()),
            ..Config::default()
        };
        assert!(Addresses::new(&config, Some([7; 32])).is_none());
        assert!(Addresses::new(&Config::default(), None).is_none());
    }
}
