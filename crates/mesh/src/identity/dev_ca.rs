//! A certificate authority in a folder, for processes side by side on one
//! machine. Its key lies there in the open: never in a deployment.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};

use super::{IdentityConfig, SpiffeId};

/// Signs the certificates of all services on this machine.
pub struct DevCa {
    folder: PathBuf,
    trust_domain: String,
    issuer: Issuer<'static, KeyPair>,
}

impl DevCa {
    /// The authority of that folder, made if there is none.
    ///
    /// # Errors
    /// The folder cannot be written, or holds something else.
    pub fn open(folder: &Path, trust_domain: &str) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let (key_file, root_file) = (folder.join("ca.key"), folder.join("ca.pem"));
        if !root_file.exists() {
            let key = KeyPair::generate().map_err(io::Error::other)?;
            let root = params().self_signed(&key).map_err(io::Error::other)?;
            write_secret(&key_file, &key.serialize_pem())?;
            fs::write(&root_file, root.pem())?;
        }
        let key = KeyPair::from_pem(&fs::read_to_string(&key_file)?).map_err(io::Error::other)?;
        Ok(Self {
            folder: folder.to_owned(),
            trust_domain: trust_domain.to_owned(),
            // What an issuer signs depends on its name and key alone, and
            // every authority made here has the same name.
            issuer: Issuer::new(params(), key),
        })
    }

    /// A new certificate of that service, and where it stands.
    ///
    /// # Errors
    /// The name is none, or the folder cannot be written.
    pub fn issue(&self, namespace: &str, service: &str) -> io::Result<IdentityConfig> {
        let id = SpiffeId::new(&self.trust_domain, namespace, service).map_err(io::Error::other)?;
        let mut params = CertificateParams::default();
        let uri = id.to_string().try_into().map_err(io::Error::other)?;
        params.subject_alt_names = vec![SanType::URI(uri)];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params
            .signed_by(&key, &self.issuer)
            .map_err(io::Error::other)?;
        let file = |ending: &str| self.folder.join(format!("{namespace}.{service}.{ending}"));
        write_secret(&file("key"), &key.serialize_pem())?;
        fs::write(file("pem"), certificate.pem())?;
        Ok(IdentityConfig {
            trust_domain: self.trust_domain.clone(),
            certificate_file: file("pem"),
            key_file: file("key"),
            roots_file: self.folder.join("ca.pem"),
            poll_ms: None,
            services: std::collections::BTreeMap::new(),
            rollout: super::Rollout::Strict,
        })
    }
}

fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
        .distinguished_name
        .push(DnType::CommonName, "Covergen development");
    params
}

fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Identity;

    #[test]
    fn what_it_issues_is_an_identity_and_it_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        for service in ["cover", "auth"] {
            let authority = DevCa::open(folder.path(), "covergen.test").unwrap();
            let identity = Identity::load(authority.issue("dev", service).unwrap()).unwrap();
            assert_eq!(identity.id().service(), service);
        }
        let root = fs::read_to_string(folder.path().join("ca.pem")).unwrap();
        assert_eq!(root.matches("BEGIN").count(), 1);
    }
}
