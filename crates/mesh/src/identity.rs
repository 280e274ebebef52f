//! Who a service is, proven: SPIFFE ids in certificates, mTLS on every
//! connection.
//!
//! A service proves itself by the certificate in its files and trusts what the
//! roots in its bundle signed, within one trust domain. Files that change are
//! read again and hold for new connections; those there are go on until their
//! age ends them, so no call is dropped. Two roots in the bundle at a time are
//! a rollover: the old one is refused once it is taken out.

#[cfg(any(test, feature = "dev-ca"))]
pub mod dev_ca;
mod files;
mod spiffe;
mod tls;
mod validity;
mod verify;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use tokio::{task::AbortHandle, time::sleep};

pub use files::{IdentityConfig, Rollout};
pub use spiffe::{BadSpiffeId, SpiffeId};
pub(crate) use tls::{ClientTls, accept};

use files::Files;
use tls::Material;

/// The identity cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file holds something else than it should.
    #[error("{path} holds {problem}")]
    Content {
        /// Which.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// Certificate, key and roots do not fit each other.
    #[error("certificate, key and roots do not fit: {0}")]
    Tls(#[from] rustls::Error),
}

/// One service's identity. Clones share it.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

struct Inner {
    config: IdentityConfig,
    material: ArcSwap<Material>,
    follower: Mutex<Option<AbortHandle>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        let follower = self
            .follower
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(follower) = follower.take() {
            follower.abort();
        }
    }
}

impl Identity {
    /// Reads the files, and from then on whenever they change; the latter
    /// where there is a runtime.
    ///
    /// # Errors
    /// A file cannot be read, or the files do not fit each other.
    pub fn load(config: IdentityConfig) -> Result<Self, IdentityError> {
        let files = Files::read(&config)?;
        let material = Material::new(&config, files)?;
        announce(&material);
        let identity = Self(Arc::new(Inner {
            config,
            material: ArcSwap::from_pointee(material),
            follower: Mutex::default(),
        }));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let weak = Arc::downgrade(&identity.0);
            let interval = identity.0.config.poll();
            let task = runtime.spawn(async move {
                loop {
                    sleep(interval).await;
                    let Some(inner) = weak.upgrade() else { return };
                    let read = tokio::task::spawn_blocking(move || inner.renew());
                    let _ = read.await;
                }
            });
            let mut follower = identity
                .0
                .follower
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *follower = Some(task.abort_handle());
        }
        Ok(identity)
    }

    /// Who this service is.
    pub fn id(&self) -> SpiffeId {
        self.0.material.load().id.clone()
    }

    /// When its certificate ends.
    pub fn expires_at(&self) -> SystemTime {
        self.0.material.load().validity.ends()
    }

    pub(crate) fn material(&self) -> Arc<Material> {
        self.0.material.load_full()
    }

    /// The id a server must have to be the service of that name: configured,
    /// or of that name in one's own namespace.
    pub(crate) fn expected(&self, service: &str) -> SpiffeId {
        let configured = self.0.config.services.get(service).cloned();
        configured.unwrap_or_else(|| self.id().sibling(service))
    }

    /// Whether who proves nothing is heard as well, as long as not everybody
    /// can: a token is then all there is to know them by.
    pub fn accepts_plain(&self) -> bool {
        self.0.config.rollout != Rollout::Strict
    }

    /// Whether others are called by mTLS.
    pub(crate) fn is_shown_to_others(&self) -> bool {
        self.0.config.rollout != Rollout::Accept
    }

    /// Whether whoever proved to be `peer` speaks for the service of that
    /// name: the rule that servers are recognised by, for callers.
    pub fn speaks_for(&self, peer: &SpiffeId, service: &str) -> bool {
        self.expected(service) == *peer
    }
}

impl Inner {
    /// Takes over what the files say now, if it is new and right.
    fn renew(&self) {
        let before = self.material.load();
        let renewed = match Files::read(&self.config) {
            Ok(files) if files == before.files => {
                announce(&before);
                // Whoever renews the files is late: half of the time is over.
                if before.validity.is_half_over(SystemTime::now()) && before.warn_once() {
                    tracing::warn!(id = %before.id, "the certificate is past half of its time and was not renewed");
                }
                return;
            }
            Ok(files) => Material::new(&self.config, files),
            Err(error) => Err(error),
        };
        let outcome = match renewed {
            Ok(material) => {
                tracing::info!(id = %material.id, "certificate and roots renewed");
                announce(&material);
                self.material.store(Arc::new(material));
                "applied"
            }
            Err(error) => {
                // Told once per mistake would be nicer; told is what counts.
                tracing::error!(%error, "certificate files refused; those before stay");
                announce(&before);
                "refused"
            }
        };
        metrics::counter!("mesh_identity_reloads_total", "outcome" => outcome).increment(1);
    }
}

/// Tells how long the certificate lasts, which is less each time.
fn announce(material: &Material) {
    let left = material.validity.ends().duration_since(SystemTime::now());
    metrics::gauge!("mesh_certificate_seconds_left", "id" => material.id.to_string())
        .set(left.unwrap_or(Duration::ZERO).as_secs_f64());
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({})", self.id())
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::{dev_ca::DevCa, *};

    /// What the gauge says of a certificate, if anything.
    fn told(work: impl FnOnce()) -> Option<f64> {
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, work);
        let rendered = recorder.handle().render();
        let line = rendered
            .lines()
            .find(|line| line.starts_with("mesh_certificate_seconds_left{"))?;
        line.rsplit(' ').next()?.parse().ok()
    }

    #[test]
    fn the_time_that_is_left_is_told_again_whatever_the_files_say() {
        let folder = tempfile::tempdir().unwrap();
        let authority = DevCa::open(folder.path(), "covergen.test").unwrap();
        let config = authority.issue("dev", "cover").unwrap();
        let certificate = config.certificate_file.clone();
        let identity = Identity::load(config).unwrap();
        let unchanged = told(|| identity.0.renew());
        assert!(unchanged.is_some_and(|left| left > 0.0), "{unchanged:?}");
        std::fs::write(certificate, "no certificate").unwrap();
        let refused = told(|| identity.0.renew());
        assert!(refused.is_some_and(|left| left > 0.0), "{refused:?}");
    }
}
