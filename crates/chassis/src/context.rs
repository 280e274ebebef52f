use std::sync::Arc;

use covergen_cache::Cache;
use covergen_events::EventLog;
use covergen_ids::Clock;
use covergen_mesh::{Channel, DependencyPool, Mesh};
use covergen_objects::ObjectStore;
use covergen_store::Store;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::{Config, ConfigError, Identity, StaleReads};

/// What a service is handed when it starts: engines, peers, time, identity.
/// Which engine stands behind each is configuration, and not visible here.
#[derive(Clone)]
pub struct Context {
    /// The service's name.
    pub name: &'static str,
    /// Its own database.
    pub store: Store,
    /// The event log; services emit through the store's outbox and use this
    /// for live fan-out only.
    pub events: Arc<dyn EventLog>,
    /// The cache, in a namespace of the service's own.
    pub cache: Cache,
    /// The object store.
    pub objects: Arc<dyn ObjectStore>,
    /// Who is calling, and tokens for calling others.
    pub identity: Identity,
    /// Where time comes from.
    pub clock: Clock,
    /// Cancelled when the process shuts down.
    pub shutdown: CancellationToken,
    pub(crate) mesh: Mesh,
    pub(crate) config: Arc<Config>,
}

impl Context {
    /// The service's own configuration section.
    ///
    /// # Errors
    /// A key or value in it is not one there is.
    pub fn config<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        self.config.service(self.name)
    }

    /// The whole process's configuration.
    #[must_use]
    pub fn process(&self) -> &Config {
        &self.config
    }

    /// The room there is towards a dependency that is no service of ours, such
    /// as `ai`; `None` for a name that neither configuration nor policy has.
    #[must_use]
    pub fn dependency(&self, name: &str) -> Option<DependencyPool> {
        self.mesh.dependency(name)
    }

    /// Connections for finders whose answers may lag.
    #[must_use]
    pub fn stale_reads(&self) -> StaleReads {
        StaleReads::new(
            &self.store,
            self.cache.clone(),
            self.config.database.replica_max_lag_ms,
        )
    }

    /// The way to another service, for a generated client.
    #[must_use]
    pub fn channel(&self, service: &str) -> Channel {
        self.mesh.channel(service)
    }
}
