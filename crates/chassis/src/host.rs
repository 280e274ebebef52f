//! Runs services in one process: one, some or all of them.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use covergen_cache::Cache;
use covergen_events::{EventLog, Reader};
use covergen_ids::Clock;
use covergen_mesh::{ClientHooks, Mesh, Registry, ServerHooks, Services};
use covergen_objects::ObjectStore;
use covergen_proto::{Method, mesh::v1::mesh_service};
use covergen_store::{Relay, Store};
use covergen_telemetry::OtelPropagator;
use futures::FutureExt as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::archive::{self, Archived, Keeper, Shelf};
use crate::attempts::{Attempts, Suspects};
use crate::dispatch::Outlet;
use crate::engines::{Engines, Misfits};
use crate::guard::{ContractGuard, ServiceTokens, principal_key};
use crate::health::Health;
use crate::hosted::{Hosted, LAST_KNOWN, NothingKnown};
use crate::jobs::{self, Folding};
use crate::mesh_view::{self, Views};
use crate::read_model::Gate;
use crate::service::{BoxError, Service, Wiring};
use crate::{
    Config, Context, Identity, StaleReads, Subscription, facts, maintenance, refill, revoke, rooms,
};

/// Pause before what panicked begins again.
const AFTER_PANIC: Duration = Duration::from_secs(1);

/// Pause after a stream could not be declared, growing to five seconds.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Why a process could not start.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {source}")]
pub struct BootError {
    what: String,
    source: BoxError,
}

pub(crate) fn because<E: Into<BoxError>>(what: impl Into<String>) -> impl FnOnce(E) -> BootError {
    let what = what.into();
    move |source| BootError {
        what,
        source: source.into(),
    }
}

/// A process about to run services.
pub struct Host {
    pub(crate) config: Arc<Config>,
    clock: Clock,
    pub(crate) identity: Identity,
    pub(crate) events: Arc<dyn EventLog>,
    pub(crate) cache: Cache,
    objects: Arc<dyn ObjectStore>,
    pub(crate) registry: Registry,
    /// What this process proves itself with: one certificate, whichever
    /// services run here.
    pub(crate) proof: Option<covergen_mesh::Identity>,
    pub(crate) shutdown: CancellationToken,
    views: Views,
    misfits: Misfits,
    background: bool,
    suspects: Suspects,
}

impl Host {
    /// Opens the engines that the configuration names.
    ///
    /// # Errors
    /// One of them cannot be opened; the error names it.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, BootError> {
        let mut host = Self {
            identity: Identity::open(&config.identity, &clock).map_err(because("identity"))?,
            proof: prove(&config)?,
            events: covergen_events::open(&config.events)
                .await
                .map_err(because("events"))?,
            cache: Cache::open(&config.cache).await.map_err(because("cache"))?,
            objects: covergen_objects::open(&config.objects)
                .await
                .map_err(because("objects"))?,
            config: Arc::new(config),
            clock,
            registry: Registry::default(),
            shutdown: CancellationToken::new(),
            views: Views::default(),
            misfits: Misfits::default(),
            background: true,
            suspects: Suspects::default(),
        };
        // Memory takes no time, so there is nothing to bound.
        if !host.config.cache.url.starts_with("memory:") {
            host.cache = rooms::before_cache(host.cache.clone(), &host.mesh("host")?);
        }
        Ok(host)
    }

    /// Only answers calls: no relay, no workers, no event handlers. For a
    /// command line that does one thing beside a running platform.
    #[must_use]
    pub fn without_background(mut self) -> Self {
        self.background = false;
        self
    }

    /// Starts the services and makes them reachable in this process.
    ///
    /// # Errors
    /// A database cannot be migrated or a service cannot start; or this
    /// process's certificate is not that of a service, whose calls everybody
    /// would refuse.
    pub async fn start(self, services: Vec<Service>) -> Result<Hosted, BootError> {
        self.check_proof(&services)?;
        let mut stores = Vec::new();
        let mut started = Vec::new();
        // Databases are independent of each other, so they open side by side:
        // starting twenty services takes as long as the slowest.
        let opened = futures::future::try_join_all(services.into_iter().map(|service| {
            let config = &self.config;
            let clock = self.clock.clone();
            async move {
                let store = Store::open(&config.database, service.name, clock)
                    .await
                    .map_err(because(format!("database of {}", service.name)))?;
                store
                    .migrate(service.migrations)
                    .await
                    .map_err(because(format!("migrations of {}", service.name)))?;
                Ok::<_, BootError>((service.name, store, service.start))
            }
        }))
        .await?;
        for (name, store, start) in opened {
            let mesh = self.mesh(name)?;
            let store = rooms::before_store(store, &mesh);
            let wiring = start(self.context(name, store.clone(), mesh))
                .await
                .map_err(because(name))?;
            stores.push((name, store.clone()));
            started.push((name, store, wiring));
        }
        let engines = Arc::new(Engines::new(
            stores,
            Arc::clone(&self.events),
            self.cache.clone(),
            Arc::clone(&self.objects),
            self.misfits.clone(),
        ));
        self.run(started, engines).await
    }

    /// Whether the certificate speaks for every service. A command line beside
    /// a running platform answers nobody and may act on the databases of many.
    fn check_proof(&self, services: &[Service]) -> Result<(), BootError> {
        let proof = self.proof.as_ref().filter(|_| self.background);
        let Some(proof) = proof else { return Ok(()) };
        let id = proof.id();
        let strange = services.iter().find(|s| !proof.speaks_for(&id, s.name));
        strange.map_or(Ok(()), |service| {
            let name = service.name;
            let told = format!("the certificate of {id} does not speak for {name}");
            Err(because("mesh.identity")(told))
        })
    }

    pub(crate) fn mesh(&self, source: &str) -> Result<Mesh, BootError> {
        let hooks = ClientHooks::new(facts)
            .with_tokens(Arc::new(ServiceTokens {
                identity: self.identity.clone(),
            }))
            .with_fallback(LAST_KNOWN, Arc::new(NothingKnown))
            .with_propagator(Arc::new(OtelPropagator));
        self.mesh_with(source, hooks)
    }

    /// A view of the mesh that operators see, too.
    pub(crate) fn mesh_with(
        &self,
        source: &str,
        mut hooks: ClientHooks,
    ) -> Result<Mesh, BootError> {
        hooks = hooks
            .with_principal_key(principal_key)
            .with_services(Method::is_service)
            .with_targets(Method::is_owner);
        if let Some(proof) = &self.proof {
            hooks = hooks.with_identity(proof.clone());
        }
        let (config, registry) = (self.config.mesh.clone(), self.registry.clone());
        let mesh = Mesh::new(config, registry, source, hooks).map_err(because("mesh"))?;
        self.views.add(mesh.clone());
        Ok(mesh)
    }

    fn context(&self, name: &'static str, store: Store, mesh: Mesh) -> Context {
        Context {
            name,
            store,
            events: Arc::clone(&self.events),
            cache: self.cache.scope(name),
            objects: Arc::clone(&self.objects),
            identity: self.identity.clone(),
            clock: self.clock.clone(),
            shutdown: self.shutdown.clone(),
            mesh,
            config: Arc::clone(&self.config),
        }
    }

    async fn run(
        self,
        mut started: Vec<(&'static str, Store, Wiring)>,
        engines: Arc<Engines>,
    ) -> Result<Hosted, BootError> {
        let mut hooks = ServerHooks::new(
            facts,
            Arc::new(ContractGuard {
                identity: self.identity.clone(),
                proof: self.proof.clone(),
            }),
        )
        .with_principal_key(principal_key)
        .with_propagator(Arc::new(OtelPropagator));
        let (reporter, health) = tonic_health::server::health_reporter();
        let mut all = with_reflection(Services::default().with(health))?;
        let mut tasks = JoinSet::new();
        let mut relays = Vec::new();
        let mut stores = Vec::new();
        let view = mesh_view::Api {
            services: started.iter().map(|(name, ..)| *name).collect(),
            views: self.views.clone(),
            engines: Arc::clone(&engines),
            proof: self.proof.clone(),
        };
        let api = view.clone();
        let view = Wiring::new().grpc(mesh_service(view));
        let max_lag_ms = self.config.database.replica_max_lag_ms;
        for (name, answers, writers, wiring) in started
            .iter_mut()
            .map(|(name, store, wiring)| {
                let writers = store
                    .has_standby()
                    .then(|| StaleReads::new(store, self.cache.scope(name), max_lag_ms));
                (*name, Some(store.answers()), writers, wiring.take_routes())
            })
            .chain([(
                mesh_view::NAME,
                None,
                None,
                (view.routes, view.rpc_services),
            )])
        {
            let (routes, rpc_services) = wiring;
            // On the port that all share, calls are told apart as in process.
            hooks = hooks.with_owner(name, &rpc_services);
            let health = Health {
                service: name,
                names: rpc_services,
                reporter: reporter.clone(),
                registry: self.registry.clone(),
            };
            health.tell(true).await;
            let routes = crate::rpc::traced(&routes, writers);
            all = all.merge(&routes);
            self.registry.insert(
                name,
                covergen_mesh::server::protect(name, routes, &self.config.rpc, hooks.clone()),
            );
            if let Some(answers) = answers {
                tasks.spawn(health.follow(answers, self.shutdown.clone()));
            }
        }
        let archived = Archived::default();
        for (name, store, mut wiring) in started {
            stores.push((name, store.clone()));
            let folding = folding(name, &store, &mut wiring)?;
            if !self.background {
                continue;
            }
            self.keep_events(&mut tasks, &store, name, folding, &archived);
            tasks.spawn(declare(
                name,
                Arc::clone(&self.events),
                self.misfits.clone(),
                self.shutdown.clone(),
            ));
            let outlet = Outlet {
                events: Arc::clone(&self.events),
                commands: wiring.commands,
                end: Arc::default(),
            };
            tasks.spawn(refill::run(
                name,
                store.clone(),
                Arc::clone(&self.events),
                Arc::clone(&outlet.end),
                self.shutdown.clone(),
            ));
            relays.push(Relay::new(&store, Arc::new(outlet)).spawn(self.shutdown.clone()));
            for subscription in wiring.subscriptions {
                self.consume(&mut tasks, name, &store, Arc::new(subscription), None);
            }
            for (worker, work) in wiring.workers {
                tasks.spawn(watched(name, worker, work));
            }
        }
        if self.background {
            tasks.spawn(revoke::follow(
                Arc::clone(&self.events),
                self.identity.revocations.clone(),
                self.clock.clone(),
                self.shutdown.clone(),
            ));
            tasks.spawn(maintenance::run(
                stores,
                Arc::clone(&self.events),
                archived,
                self.shutdown.clone(),
            ));
        }
        let public = covergen_mesh::server::protect("grpc", all, &self.config.rpc, hooks);
        Ok(Hosted {
            view: api,
            host: self,
            engines,
            public,
            health: reporter,
            tasks,
            relays,
        })
    }

    /// Folds read models, does what operators ask of them, and archives the
    /// service's stream.
    fn keep_events(
        &self,
        tasks: &mut JoinSet<()>,
        store: &Store,
        name: &'static str,
        folding: Vec<Folding>,
        archived: &Archived,
    ) {
        for model in &folding {
            for subscription in &model.subscriptions {
                let gate = Some(Arc::clone(&model.gate));
                self.consume(tasks, name, store, Arc::clone(subscription), gate);
            }
        }
        let worker = Arc::new(jobs::Worker {
            store: store.clone(),
            events: Arc::clone(&self.events),
            objects: Arc::clone(&self.objects),
            folding,
            is_dense: self.config.events.url.starts_with("nats:"),
            shutdown: self.shutdown.clone(),
        });
        let work = move || Arc::clone(&worker).run();
        tasks.spawn(restarted(name, "jobs", self.shutdown.clone(), work));
        if self.config.archive.enabled {
            let shelf = Shelf::new(Arc::clone(&self.objects), name);
            let log = Reader::of(Arc::clone(&self.events));
            let (config, store) = (self.config.archive.clone(), store.clone());
            let (archived, clock) = (archived.clone(), self.clock.clone());
            let shutdown = self.shutdown.clone();
            let work = move || {
                archive::run(
                    Keeper::new(shelf.clone(), log.clone(), config.clone()),
                    store.clone(),
                    archived.clone(),
                    clock.clone(),
                    shutdown.clone(),
                )
            };
            tasks.spawn(restarted(name, "archive", self.shutdown.clone(), work));
        }
    }

    fn consume(
        &self,
        tasks: &mut JoinSet<()>,
        name: &'static str,
        store: &Store,
        subscription: Arc<Subscription>,
        gate: Option<Arc<Gate>>,
    ) {
        let (events, shutdown) = (Arc::clone(&self.events), self.shutdown.clone());
        let attempts = Attempts::new(store.clone(), self.suspects.clone());
        let work = move || {
            let (events, gate) = (Arc::clone(&events), gate.clone());
            Arc::clone(&subscription).run(events, gate, attempts.clone(), shutdown.clone())
        };
        tasks.spawn(restarted(name, "events", self.shutdown.clone(), work));
    }
}

/// A service's read models with the gates before them.
fn folding(
    service: &'static str,
    store: &Store,
    wiring: &mut Wiring,
) -> Result<Vec<Folding>, BootError> {
    std::mem::take(&mut wiring.read_models)
        .into_iter()
        .map(|mut model| {
            let of_service = model
                .name
                .strip_prefix(service)
                .is_some_and(|rest| rest.starts_with('-'));
            if !of_service {
                let told = format!("a read model of {service} is named {service}-…");
                return Err(because(model.name)(told));
            }
            let subscriptions = std::mem::take(&mut model.subscriptions);
            Ok(Folding {
                gate: Gate::new(store.clone(), model.name),
                subscriptions: subscriptions.into_iter().map(Arc::new).collect(),
                model,
            })
        })
        .collect()
}

/// Loads the certificate that configuration names, if it does.
fn prove(config: &Config) -> Result<Option<covergen_mesh::Identity>, BootError> {
    let proof = config.mesh.identity.clone();
    let proof = proof.map(covergen_mesh::Identity::load).transpose();
    proof.map_err(because("mesh.identity"))
}

/// Declares a service's stream, however long the log stays away: until then
/// events wait in the outbox. A server that is back may have come back empty, so
/// it is declared with each connection.
async fn declare(
    stream: &'static str,
    events: Arc<dyn EventLog>,
    misfits: Misfits,
    shutdown: CancellationToken,
) {
    let mut pause = FIRST_PAUSE;
    let mut link = events.link();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = link.up() => {}
        }
        link = events.link();
        let declared = events.declare_stream(stream).await;
        misfits.note(stream, &declared);
        if let Err(error) = &declared {
            tracing::warn!(stream, %error, "the event stream is not declared yet");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = link.renewed(), if declared.is_ok() => pause = FIRST_PAUSE,
            () = tokio::time::sleep(pause), if declared.is_err() => {
                pause = (pause * 2).min(Duration::from_secs(5));
            }
        }
    }
}

/// A worker that panics would be missed silently; this says so.
async fn watched(service: &'static str, worker: &'static str, work: impl Future<Output = ()>) {
    if AssertUnwindSafe(work).catch_unwind().await.is_err() {
        tracing::error!(
            service,
            worker,
            "a worker panicked; its tasks go to other workers when their leases end"
        );
    }
}

/// Work that nobody takes over begins again after a panic, until shutdown.
async fn restarted<F: Future<Output = ()>>(
    service: &'static str,
    what: &'static str,
    shutdown: CancellationToken,
    work: impl Fn() -> F,
) {
    loop {
        let ended = AssertUnwindSafe(async { work().await })
            .catch_unwind()
            .await;
        if ended.is_ok() {
            return;
        }
        tracing::error!(service, what, "it panicked and begins again");
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(AFTER_PANIC) => {}
        }
    }
}

/// Adds the reflection service, so that grpcurl and buf curl find their way.
fn with_reflection(services: Services) -> Result<Services, BootError> {
    let service = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(covergen_proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .map_err(because("reflection"))?;
    Ok(services.with(service))
}
