//! Services that run: what they listen on, and how they stop.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use covergen_cache::Cache;
use covergen_events::EventLog;
use covergen_mesh::{ClientHooks, Fallback, FallbackCall, Mesh, Registry, RpcService, server};
use covergen_store::RelayHandle;
use covergen_telemetry::{OtelPropagator, Telemetry};
use futures::future::BoxFuture;
use prost::bytes::Bytes;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::engines::Engines;
use crate::host::{BootError, Host};
use crate::{Config, Identity, facts, mesh_view};

/// The fallback that answers with what was answered last.
pub const LAST_KNOWN: &str = "last-known";

/// Of processes that keep no answers: they share one policy with those that
/// do, which is refused where it names what nobody has heard of.
pub(crate) struct NothingKnown;

impl Fallback for NothingKnown {
    fn answer<'a>(&'a self, _: &'a FallbackCall<'a>) -> BoxFuture<'a, Option<Bytes>> {
        Box::pin(std::future::ready(None))
    }
}

/// Services that run.
pub struct Hosted {
    pub(crate) host: Host,
    pub(crate) view: mesh_view::Api,
    pub(crate) engines: Arc<Engines>,
    pub(crate) public: RpcService,
    pub(crate) health: HealthReporter,
    pub(crate) tasks: JoinSet<()>,
    pub(crate) relays: Vec<RelayHandle>,
}

impl Hosted {
    /// Serves the services' gRPC on a listener until shutdown: to services that
    /// prove who they are, where this process can prove itself.
    pub fn serve_grpc(&mut self, listener: TcpListener) {
        let public = self.public.clone();
        let config = self.host.config.rpc.clone();
        let shutdown = self.host.shutdown.clone();
        let proof = self.host.proof.clone();
        self.tasks.spawn(async move {
            let stop = async move { shutdown.cancelled().await };
            let listeners = vec![listener];
            let ended = match proof {
                Some(proof) => {
                    server::serve_with_identity(listeners, public, &config, proof, stop).await
                }
                None => server::serve(listeners, public, &config, stop).await,
            };
            if let Err(error) = ended {
                tracing::error!(%error, "the gRPC listener ended");
            }
        });
    }

    /// Serves health and metrics on a listener until shutdown.
    pub fn serve_admin(&mut self, listener: TcpListener, telemetry: Telemetry) {
        let router = crate::admin::router(telemetry, self.view.clone());
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
        self.mesh_for_edge_with(source, Arc::new(NothingKnown))
    }

    /// As [`Hosted::mesh_for_edge`], for an edge that keeps answers which may
    /// stand in for others, under the name [`LAST_KNOWN`].
    ///
    /// # Errors
    /// The mesh configuration does not fit.
    pub fn mesh_for_edge_with(
        &self,
        source: &str,
        last_known: Arc<dyn Fallback>,
    ) -> Result<Mesh, BootError> {
        let hooks = ClientHooks::new(facts)
            .with_propagator(Arc::new(OtelPropagator))
            .with_fallback(LAST_KNOWN, last_known);
        self.host.mesh_with(source, hooks)
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

    /// The process's event log.
    #[must_use]
    pub fn events(&self) -> Arc<dyn EventLog> {
        Arc::clone(&self.host.events)
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

    /// Says that it is not ready, and after a while stops taking work, finishes
    /// what has begun, and returns. Whatever is not finished ten seconds later is
    /// left to the next start.
    pub async fn shutdown(mut self) {
        self.engines.drain();
        // By gRPC, too: whoever balances by it finds another replica.
        let whole = "";
        let not = ServingStatus::NotServing;
        self.health.set_service_status(whole, not).await;
        // Whoever routes here by readiness is still sending meanwhile.
        tokio::time::sleep(Duration::from_millis(self.host.config.listen.leave_ms)).await;
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
