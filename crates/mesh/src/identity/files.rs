//! The files an identity is read from.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use serde::{Deserialize, Serialize};

use super::{IdentityError, SpiffeId};

/// Where a service's certificate stands and whom it trusts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityConfig {
    /// Ids of other domains are refused.
    pub trust_domain: String,
    /// The certificate and what is between it and a root, in PEM.
    pub certificate_file: PathBuf,
    /// The certificate's key, in PEM.
    pub key_file: PathBuf,
    /// The roots that are trusted, in PEM; two at a time while they roll over.
    pub roots_file: PathBuf,
    /// How often the files are looked at (2,000).
    #[serde(default)]
    pub poll_ms: Option<u32>,
    /// The ids of services that are not in one's own namespace under their
    /// own name.
    #[serde(default)]
    pub services: BTreeMap<String, SpiffeId>,
    /// How far the mesh is on its way to mTLS everywhere (`strict`).
    #[serde(default)]
    pub rollout: Rollout,
}

/// The way from plain connections to mTLS, and back, with everything running:
/// each step is rolled out to all processes before the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rollout {
    /// Takes plain connections beside those that prove themselves; calls
    /// plain, since others may not understand anything else yet.
    Accept,
    /// Takes both; calls by mTLS alone.
    Call,
    /// mTLS both ways and nothing else.
    #[default]
    Strict,
}

impl IdentityConfig {
    pub(super) fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms.unwrap_or(2_000).max(10).into())
    }
}

/// What the files hold, to the byte: times of change tell nothing where files
/// are replaced by moving links.
#[derive(PartialEq, Eq)]
pub(super) struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
    roots: Vec<u8>,
}

impl Files {
    pub(super) fn read(config: &IdentityConfig) -> Result<Self, IdentityError> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|source| IdentityError::Read {
                path: path.display().to_string(),
                source,
            })
        };
        Ok(Self {
            certificate: read(&config.certificate_file)?,
            key: read(&config.key_file)?,
            roots: read(&config.roots_file)?,
        })
    }

    pub(super) fn chain(&self, at: &Path) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
        certificates(&self.certificate, at)
    }

    pub(super) fn roots(&self, at: &Path) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
        certificates(&self.roots, at)
    }

    pub(super) fn key(&self, at: &Path) -> Result<PrivateKeyDer<'static>, IdentityError> {
        // What is wrong with a key is not told: it might tell of the key.
        PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| content(at, "no private key in PEM"))
    }
}

fn certificates(pem: &[u8], at: &Path) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(content(at, "no certificates in PEM")),
    }
}

pub(super) fn content(at: &Path, problem: &str) -> IdentityError {
    IdentityError::Content {
        path: at.display().to_string(),
        problem: problem.to_owned(),
    }
}
