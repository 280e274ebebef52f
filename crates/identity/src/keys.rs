use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};

/// Keys that sign and verify one kind of token.
///
/// A folder holds them: `*.pem` is a private key (PKCS #8), `*.pub` a public
/// one (SPKI). The private key whose file name sorts last signs; all verify.
/// To rotate, add a file and restart; remove the old one when its last token
/// has ended.
#[derive(Clone)]
pub struct KeySet(Arc<Inner>);

struct Inner {
    signing: Option<(String, EncodingKey)>,
    /// What other secrets are derived from: each private key, hashed; that of
    /// the signing one last.
    seeds: Vec<[u8; 32]>,
    verifying: HashMap<String, DecodingKey>,
    public: Vec<PublicKey>,
}

/// A public key as a JWKS shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Key id: the first 16 hex digits of the key's SHA-256.
    pub kid: String,
    /// The key, base64url.
    pub x: String,
}

/// Why keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The folder or a file cannot be read or written.
    #[error("key folder {path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is no Ed25519 key.
    #[error("{0} is not an Ed25519 key (PKCS #8 or SPKI, PEM)")]
    Invalid(PathBuf),
    /// Nothing in the folder.
    #[error("{0} holds no key: put an Ed25519 key there as <name>.pem")]
    Empty(PathBuf),
}

impl KeySet {
    /// Loads the keys of a folder.
    ///
    /// # Errors
    /// The folder cannot be read, holds no key, or holds something else.
    pub fn load(folder: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::Io {
            path: folder.to_path_buf(),
            source,
        };
        let mut paths = fs::read_dir(folder)
            .map_err(failed)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        paths.sort();

        let mut inner = Inner {
            signing: None,
            seeds: Vec::new(),
            verifying: HashMap::new(),
            public: Vec::new(),
        };
        for path in paths {
            let private = match path.extension().and_then(|extension| extension.to_str()) {
                Some("pem") => true,
                Some("pub") => false,
                _ => continue,
            };
            let text = fs::read_to_string(&path).map_err(failed)?;
            let invalid = || KeyError::Invalid(path.clone());
            if private {
                let key = SigningKey::from_pkcs8_pem(&text).map_err(|_| invalid())?;
                let kid = inner.add(key.verifying_key().as_bytes());
                let der = key.to_pkcs8_der().map_err(|_| invalid())?;
                inner.signing = Some((kid, EncodingKey::from_ed_der(der.as_bytes())));
                inner.seeds.push(Sha256::digest(der.as_bytes()).into());
            } else {
                let key = ed25519_dalek::VerifyingKey::from_public_key_pem(&text)
                    .map_err(|_| invalid())?;
                inner.add(key.as_bytes());
            }
        }
        if inner.verifying.is_empty() {
            return Err(KeyError::Empty(folder.to_path_buf()));
        }
        Ok(Self(Arc::new(inner)))
    }

    /// Loads the keys of a folder, and makes one first where there is none.
    ///
    /// # Errors
    /// As [`KeySet::load`], or the new key cannot be written.
    pub fn load_or_create(folder: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::Io {
            path: folder.to_path_buf(),
            source,
        };
        fs::create_dir_all(folder).map_err(failed)?;
        match Self::load(folder) {
            Err(KeyError::Empty(_)) => {}
            other => return other,
        }
        let key = SigningKey::from_bytes(&rand::random());
        let pem = key
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|_| KeyError::Invalid(folder.to_path_buf()))?;
        write_secret(&folder.join("0001.pem"), pem.as_bytes()).map_err(failed)?;
        Self::load(folder)
    }

    /// A fresh pair that lives in memory only.
    #[must_use]
    pub fn ephemeral() -> Self {
        let key = SigningKey::from_bytes(&rand::random());
        let mut inner = Inner {
            signing: None,
            seeds: Vec::new(),
            verifying: HashMap::new(),
            public: Vec::new(),
        };
        let kid = inner.add(key.verifying_key().as_bytes());
        if let Ok(der) = key.to_pkcs8_der() {
            inner.signing = Some((kid, EncodingKey::from_ed_der(der.as_bytes())));
            inner.seeds.push(Sha256::digest(der.as_bytes()).into());
        }
        Self(Arc::new(inner))
    }

    /// The public halves, the signing key's first.
    #[must_use]
    pub fn public_keys(&self) -> Vec<PublicKey> {
        let mut keys = self.0.public.clone();
        keys.reverse();
        keys
    }

    /// A secret for another purpose, the same in every process that holds the
    /// signing key; `None` where only public keys are held.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Option<[u8; 32]> {
        self.0.seeds.last().map(|seed| derive(seed, purpose))
    }

    /// As [`KeySet::derive`], from every private key at hand, the signing one
    /// first: what was sealed before a rotation opens after it.
    #[must_use]
    pub fn derive_all(&self, purpose: &str) -> Vec<[u8; 32]> {
        let newest_first = self.0.seeds.iter().rev();
        newest_first.map(|seed| derive(seed, purpose)).collect()
    }

    pub(crate) fn signing(&self) -> Option<(&str, &EncodingKey)> {
        self.0
            .signing
            .as_ref()
            .map(|(kid, key)| (kid.as_str(), key))
    }

    pub(crate) fn verifying(&self, kid: &str) -> Option<&DecodingKey> {
        self.0.verifying.get(kid)
    }
}

fn derive(seed: &[u8; 32], purpose: &str) -> [u8; 32] {
    // The seed has a fixed length and stands first, so no two purposes can
    // meet in one input.
    Sha256::new()
        .chain_update(seed)
        .chain_update(purpose)
        .finalize()
        .into()
}

impl Inner {
    fn add(&mut self, public: &[u8; 32]) -> String {
        let digest = Sha256::digest(public);
        let kid = digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>();
        self.verifying
            .insert(kid.clone(), DecodingKey::from_ed_der(public));
        self.public.push(PublicKey {
            kid: kid.clone(),
            x: URL_SAFE_NO_PAD.encode(public),
        });
        kid
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.verifying.keys()).finish()
    }
}

/// Writes a file that only its owner can read, and that is whole or absent.
fn write_secret(path: &Path, content: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let temporary = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    // `hard_link` fails where the name exists, so of two processes that start
    // at once on one folder the first one's key stays.
    let linked = fs::hard_link(&temporary, path);
    fs::remove_file(&temporary)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}
