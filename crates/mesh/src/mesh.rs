//! One service's way to all others.

mod build;
mod snapshot;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use arc_swap::ArcSwap;
use tokio::task::AbortHandle;

pub use snapshot::{MeshSnapshot, PolicySnapshot, TargetSnapshot};

use crate::{
    Channel, ClientHooks, DependencyPool, MeshConfig, MeshError, MeshPolicy, PolicyError, Registry,
    channel::Target,
    client::Back,
    decisions::{DecisionKind, Decisions},
    policy::{self, Known},
    pools::Pools,
};

/// Makes the channels of one service. Channels to the same target share its
/// connections, breaker, retry budget and room. Clones share everything.
#[derive(Clone)]
pub struct Mesh(Arc<Inner>);

struct Inner {
    config: MeshConfig,
    registry: Registry,
    source: Arc<str>,
    hooks: ClientHooks,
    decisions: Decisions,
    pools: Pools,
    targets: Mutex<BTreeMap<String, Arc<Target>>>,
    backs: Mutex<BTreeMap<String, Arc<Back>>>,
    policy: ArcSwap<InForce>,
    // One change at a time.
    changing: Mutex<()>,
    follower: Mutex<Option<AbortHandle>>,
}

/// The document in force, and what became of the last one.
struct InForce {
    document: MeshPolicy,
    changes: u64,
    last_error: Option<PolicyError>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(follower) = lock(&self.follower).take() {
            follower.abort();
        }
    }
}

impl Mesh {
    /// The mesh as `source` sees it. Nothing is connected until it is called.
    ///
    /// # Errors
    /// A setting is out of its bounds, or the policy is wrong or cannot be read.
    pub fn new(
        config: MeshConfig,
        registry: Registry,
        source: &str,
        hooks: ClientHooks,
    ) -> Result<Self, MeshError> {
        config.validate()?;
        config.check_methods(hooks.lookup)?;
        let decisions = Decisions::default();
        let mut inner = Inner {
            pools: Pools::new(&config.pools, Arc::from(source), decisions.clone()),
            config,
            registry,
            source: Arc::from(source),
            hooks,
            decisions,
            targets: Mutex::default(),
            backs: Mutex::default(),
            policy: ArcSwap::from_pointee(InForce {
                document: MeshPolicy::default(),
                changes: 0,
                last_error: None,
            }),
            changing: Mutex::default(),
            follower: Mutex::default(),
        };
        let text = inner.first_policy()?;
        let mesh = Self(Arc::new(inner));
        if let Some(text) = text {
            mesh.0.follow(&text);
        }
        Ok(mesh)
    }

    /// A channel to the service `target`, to hand to its generated client.
    pub fn channel(&self, target: &str) -> Channel {
        Channel::new(self.0.target(target))
    }

    /// The room there is towards a dependency that is no service of the mesh,
    /// such as `database/read`; `None` for a name that nobody configured.
    pub fn dependency(&self, name: &str) -> Option<DependencyPool> {
        self.0.pools.get(name)
    }

    /// Puts another policy in force, for calls that begin from now on.
    ///
    /// # Errors
    /// All that is wrong with the document; the one in force stays.
    pub fn apply(&self, document: &str) -> Result<(), PolicyError> {
        self.0.apply(document)
    }
}

impl Inner {
    /// The document that configuration names; its text, where it is a file.
    fn first_policy(&mut self) -> Result<Option<String>, MeshError> {
        let (document, text) = match (&self.config.policy, &self.config.policy_file) {
            (Some(value), _) => (MeshPolicy::read(value, Some(&self.known()))?, None),
            (None, Some(path)) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| PolicyError::of(format!("{}: {error}", path.display())))?;
                (MeshPolicy::parse_knowing(&text, &self.known())?, Some(text))
            }
            (None, None) => return Ok(None),
        };
        self.pools.change(&self.config.pools, &document.pools);
        self.policy = ArcSwap::from_pointee(InForce {
            document,
            changes: 1,
            last_error: None,
        });
        Ok(text)
    }

    /// Follows the policy file, where there is a runtime to do so; a program
    /// without one makes no calls either.
    fn follow(self: &Arc<Self>, text: &str) {
        let (Some(path), Ok(runtime)) = (
            self.config.policy_file.clone(),
            tokio::runtime::Handle::try_current(),
        ) else {
            return;
        };
        let mesh = Arc::downgrade(self);
        let apply = move |read: Result<String, PolicyError>| {
            if let Some(mesh) = Weak::upgrade(&mesh) {
                // Told in the log, the metric and the snapshot.
                let _ = match read {
                    Ok(text) => mesh.apply(&text),
                    Err(error) => mesh.refuse(error),
                };
            }
        };
        let task = policy::follow(path, self.config.policy_poll(), text.to_owned(), apply);
        *lock(&self.follower) = Some(runtime.spawn(task).abort_handle());
    }

    fn apply(self: &Arc<Self>, text: &str) -> Result<(), PolicyError> {
        let _one_at_a_time = lock(&self.changing);
        let document = match MeshPolicy::parse_knowing(text, &self.known()) {
            Ok(document) => document,
            Err(error) => return self.refuse(error),
        };
        let changes = self.policy.load().changes + 1;
        let version = document.version.clone();
        self.pools.change(&self.config.pools, &document.pools);
        self.policy.store(Arc::new(InForce {
            document,
            changes,
            last_error: None,
        }));
        self.renew();
        self.count("applied");
        tracing::info!(source = &*self.source, version, "mesh policy replaced");
        let detail = format!("version {version:?} is in force");
        self.decisions
            .note(&self.source, DecisionKind::Reload, detail);
        Ok(())
    }

    /// Keeps the document in force and tells why.
    fn refuse(&self, error: PolicyError) -> Result<(), PolicyError> {
        let before = self.policy.load_full();
        self.policy.store(Arc::new(InForce {
            document: before.document.clone(),
            changes: before.changes,
            last_error: Some(error.clone()),
        }));
        self.count("refused");
        tracing::error!(source = &*self.source, %error, "mesh policy refused; the one in force stays");
        let detail = format!("refused: {error}");
        self.decisions
            .note(&self.source, DecisionKind::Reload, detail);
        Err(error)
    }

    fn count(&self, outcome: &'static str) {
        metrics::counter!("mesh_policy_reloads_total",
            "source" => self.source.to_string(), "outcome" => outcome)
        .increment(1);
    }

    fn known(&self) -> Known {
        Known {
            targets: self
                .config
                .targets
                .iter()
                .map(|(name, target)| (name.clone(), target.policy.clone()))
                .collect(),
            defaults: self.config.defaults.clone(),
            sources: self.hooks.sources.keys().cloned().collect(),
            lookup: Some(self.hooks.lookup),
            services: self.hooks.services,
            owners: self.hooks.targets,
            fallbacks: self.hooks.fallbacks.keys().cloned().collect(),
            pools: self.pools.snapshot().into_keys().collect(),
            faults_allowed: self.config.allow_faults,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
