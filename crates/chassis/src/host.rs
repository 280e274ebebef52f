//! Runs services in one process: one, some or all of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use covergen_cache::Cache;
use covergen_events::EventLog;
use covergen_ids::Clock;
use covergen_mesh::{ClientHooks, Mesh, Registry, RpcService, ServerHooks};
use covergen_objects::ObjectStore;
use covergen_store::{Relay, RelayHandle, Store};
use covergen_telemetry::{OtelPropagator, Telemetry};
use futures::FutureExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::dispatch::Outlet;
use crate::guard::{ContractGuard, ServiceTokens};
use crate::service::{BoxError, Service, Wiring};
use crate::{Config, Context, Identity, facts, maintenance, revoke};

/// Why a process could not start.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {source}")]
pub struct BootError {
    what: String,
    source: BoxError,
}

fn because<E: Into<BoxError>>(what: impl Into<String>) -> impl FnOnce(E) -> BootError {
    let what = what.into();
    move |source| BootError {
        what,
        source: source.into(),
    }
}

/// The engines of one process.
pub(crate) struct Engines {
    stores: Vec<(&'static str, Store)>,
    events: Arc<dyn EventLog>,
    cache: Cache,
    objects: Arc<dyn ObjectStore>,
    draining: AtomicBool,
}

impl Engines {
    /// What keeps the process from serving, one line each.
    pub(crate) async fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.draining.load(Ordering::Relaxed) {
            problems.push("shutting down".to_owned());
        }
        for (service, store) in &self.stores {
            if let Err(error) = store.ping().await {
                problems.push(format!("database of {service}: {error}"));
            }
        }
        if let Err(error) = self.objects.ping().await {
            problems.push(format!("objects: {error}"));
        }
        // The event log and the cache may be away: writes go to the outbox, and
        // what the cache holds can be had elsewhere.
        problems
    }

    /// Refreshes the gauges that only a look can tell.
    pub(crate) async fn observe(&self) {
        for (service, store) in &self.stores {
            if let Ok(backlog) = store.backlog().await {
                for (kind, count) in [
                    ("events", backlog.events),
                    ("commands", backlog.commands),
                    ("parked", backlog.parked),
                ] {
                    #[allow(clippy::cast_precision_loss)] // A gauge is a float.
                    metrics::gauge!("outbox_rows", "service" => *service, "kind" => kind)
                        .set(count as f64);
                }
            }
        }
        for (engine, up) in [
            ("events", self.events.ping().await.is_ok()),
            ("cache", self.cache.ping().await.is_ok()),
            ("objects", self.objects.ping().await.is_ok()),
        ] {
            metrics::gauge!("engine_up", "engine" => engine).set(f64::from(u8::from(up)));
        }
    }
}

/// A process about to run services.
pub struct Host {
    config: Arc<Config>,
    clock: Clock,
    identity: Identity,
    events: Arc<dyn EventLog>,
    cache: Cache,
    objects: Arc<dyn ObjectStore>,
    registry: Registry,
    shutdown: CancellationToken,
    background: bool,
}

impl Host {
    /// Opens the engines that the configuration names.
    ///
    /// # Errors
    /// One of them cannot be opened; the error names it.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, BootError> {
        Ok(Self {
            identity: Identity::open(&config.identity, &clock).map_err(because("identity"))?,
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
            background: true,
        })
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
    /// A database cannot be migrated or a service cannot start.
    pub async fn start(self, services: Vec<Service>) -> Result<Hosted, BootError> {
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
            let wiring = start(self.context(name, store.clone())?)
                .await
                .map_err(because(name))?;
            stores.push((name, store.clone()));
            started.push((name, store, wiring));
        }
        let engines = Arc::new(Engines {
            stores,
            events: Arc::clone(&self.events),
            cache: self.cache.clone(),
            objects: Arc::clone(&self.objects),
            draining: AtomicBool::new(false),
        });
        self.run(started, engines).await
    }

    fn mesh(&self, source: &str) -> Result<Mesh, BootError> {
        let hooks = ClientHooks::new(facts)
            .with_tokens(Arc::new(ServiceTokens {
                identity: self.identity.clone(),
            }))
            .with_propagator(Arc::new(OtelPropagator));
        Mesh::new(
            self.config.mesh.clone(),
            self.registry.clone(),
            source,
            hooks,
        )
        .map_err(because("mesh"))
    }

    fn context(&self, name: &'static str, store: Store) -> Result<Context, BootError> {
        Ok(Context {
            name,
            store,
            events: Arc::clone(&self.events),
            cache: self.cache.scope(name),
            objects: Arc::clone(&self.objects),
            identity: self.identity.clone(),
            clock: self.clock.clone(),
            shutdown: self.shutdown.clone(),
            mesh: self.mesh(name)?,
            config: Arc::clone(&self.config),
        })
    }

    async fn run(
        self,
        started: Vec<(&'static str, Store, Wiring)>,
        engines: Arc<Engines>,
    ) -> Result<Hosted, BootError> {
        let hooks = ServerHooks::new(
            facts,
            Arc::new(ContractGuard {
                identity: self.identity.clone(),
            }),
        )
        .with_propagator(Arc::new(OtelPropagator));
        let (reporter, health) = tonic_health::server::health_reporter();
        let mut all = with_reflection(Routes::default().add_service(health))?;
        let mut tasks = JoinSet::new();
        let mut relays = Vec::new();
        let mut stores = Vec::new();
        for (name, store, wiring) in started {
            for rpc_service in &wiring.rpc_services {
                reporter
                    .set_service_status(*rpc_service, tonic_health::ServingStatus::Serving)
                    .await;
            }
            let routes = crate::rpc::with_trace(wiring.routes);
            all = merge(all, &routes);
            self.registry.insert(
                name,
                covergen_mesh::server::protect(name, routes, &self.config.rpc, hooks.clone()),
            );
            stores.push((name, store.clone()));
            if !self.background {
                continue;
            }
            tasks.spawn(declare(
                name,
                Arc::clone(&self.events),
                self.shutdown.clone(),
            ));
            let outlet = Outlet {
                events: Arc::clone(&self.events),
                commands: wiring.commands,
            };
            relays.push(Relay::new(&store, Arc::new(outlet)).spawn(self.shutdown.clone()));
            for subscription in wiring.subscriptions {
                tasks.spawn(subscription.run(Arc::clone(&self.events), self.shutdown.clone()));
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
                self.shutdown.clone(),
            ));
        }
        let public = covergen_mesh::server::protect("grpc", all, &self.config.rpc, hooks);
        Ok(Hosted {
            mesh: self.mesh("host")?,
            host: self,
            engines,
            public,
            tasks,
            relays,
        })
    }
}

/// Declares a service's stream, however long the log stays away: until then
/// events wait in the outbox.
async fn declare(stream: &'static str, events: Arc<dyn EventLog>, shutdown: CancellationToken) {
    let mut pause = Duration::from_millis(50);
    while let Err(error) = events.declare_stream(stream).await {
        tracing::warn!(stream, %error, "the event stream is not declared yet");
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}

/// A worker that panics would be missed silently; this says so.
async fn watched(service: &'static str, worker: &'static str, work: impl Future<Output = ()>) {
    if std::panic::AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .is_err()
    {
        tracing::error!(
            service,
            worker,
            "a worker panicked; its tasks go to other workers when their leases end"
        );
    }
}

fn merge(all: Routes, more: &Routes) -> Routes {
    // Each set of routes answers unknown methods by itself; one of them does.
    let more = more.clone().into_axum_router().reset_fallback();
    Routes::from(all.into_axum_router().merge(more))
}

/// Adds the reflection service, so that grpcurl and buf curl find their way.
fn with_reflection(routes: Routes) -> Result<Routes, BootError> {
    let service = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(covergen_proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .map_err(because("reflection"))?;
    Ok(routes.add_service(service))
}

/// Services that run.
pub struct Hosted {
    host: Host,
    mesh: Mesh,
    engines: Arc<Engines>,
    public: RpcService,
    tasks: JoinSet<()>,
    relays: Vec<RelayHandle>,
}

impl Hosted {
    /// Serves the services' gRPC on a listener until shutdown.
    pub fn serve_grpc(&mut self, listener: TcpListener) {
        let public = self.public.clone();
        let config = self.host.config.rpc.clone();
        let shutdown = self.host.shutdown.clone();
        self.tasks.spawn(async move {
            let stop = async move { shutdown.cancelled().await };
            if let Err(error) =
                covergen_mesh::server::serve(vec![listener], public, &config, stop).await
            {
                tracing::error!(%error, "the gRPC listener ended");
            }
        });
    }

    /// Serves health and metrics on a listener until shutdown.
    pub fn serve_admin(&mut self, listener: TcpListener, telemetry: Telemetry) {
        let router = crate::admin::router(telemetry, Arc::clone(&self.engines), self.mesh.clone());
        let shutdown = self.host.shutdown.clone();
        self.tasks.spawn(async move {
            let stop = async move { shutdown.cancelled().await };
            if let Err(error) = axum::serve(listener, router)
                .with_graceful_shutdown(stop)
                .await
            {
                tracing::error!(%error, "the admin listener ended");
            }
        });
    }

    /// Runs something else beside the services until it returns; it must heed
    /// the shutdown token.
    pub fn spawn(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(work);
    }

    /// A mesh view in another name, for a BFF that runs in this process.
    ///
    /// # Errors
    /// The mesh configuration does not fit.
    pub fn mesh_as(&self, source: &str) -> Result<Mesh, BootError> {
        self.host.mesh(source)
    }

    /// As [`Hosted::mesh_as`], for an edge: it brings the token of each call
    /// itself, because it alone knows whom the call is for.
    ///
    /// # Errors
    /// The mesh configuration does not fit.
    pub fn mesh_for_edge(&self, source: &str) -> Result<Mesh, BootError> {
        let (config, registry) = (self.host.config.mesh.clone(), self.host.registry.clone());
        let hooks = ClientHooks::new(facts).with_propagator(Arc::new(OtelPropagator));
        Mesh::new(config, registry, source, hooks).map_err(because("mesh"))
    }

    /// Tokens and revocations of this process.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.host.identity
    }

    /// The process's cache.
    #[must_use]
    pub fn cache(&self) -> &Cache {
        &self.host.cache
    }

    /// The process's configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.host.config
    }

    /// What is reachable in this process.
    #[must_use]
    pub fn registry(&self) -> Registry {
        self.host.registry.clone()
    }

    /// Cancelled when the process shuts down.
    #[must_use]
    pub fn shutdown_token(&self) -> CancellationToken {
        self.host.shutdown.clone()
    }

    /// What keeps the process from serving, one line each.
    pub async fn problems(&self) -> Vec<String> {
        self.engines.problems().await
    }

    /// A check of readiness that outlives this borrow.
    pub fn readiness(
        &self,
    ) -> impl Fn() -> futures::future::BoxFuture<'static, Vec<String>> + Send + Sync + 'static + use<>
    {
        let engines = Arc::clone(&self.engines);
        move || {
            let engines = Arc::clone(&engines);
            Box::pin(async move { engines.problems().await })
        }
    }

    /// Hashes of every service's database, once its outbox is empty. For
    /// checks that something wrote nothing.
    ///
    /// # Errors
    /// A database cannot be read.
    pub async fn digests(&self) -> Result<BTreeMap<&'static str, [u8; 32]>, covergen_store::Error> {
        let mut digests = BTreeMap::new();
        for (service, store) in &self.engines.stores {
            digests.insert(*service, store.digest().await?);
        }
        Ok(digests)
    }

    /// Stops taking work, finishes what has begun, and returns. Whatever is
    /// not finished after ten seconds is left to the next start.
    pub async fn shutdown(mut self) {
        self.engines.draining.store(true, Ordering::Relaxed);
        self.host.shutdown.cancel();
        let drain = async {
            while self.tasks.join_next().await.is_some() {}
            for relay in self.relays {
                relay.join().await;
            }
            if let Err(error) = self.host.events.close().await {
                tracing::warn!(%error, "the event log did not close cleanly");
            }
            for (_, store) in &self.engines.stores {
                store.close().await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(10), drain)
            .await
            .is_err()
        {
            tracing::warn!(
                "not everything finished within ten seconds; it goes on after the next start"
            );
        }
    }
}
