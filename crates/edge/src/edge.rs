use std::sync::Arc;

use axum::Router;
use covergen_bff::{Assets, Bff, BffError, ServeLimits, Surface};
use covergen_bff_graphql::{Graph, Limits as GraphLimits};
use covergen_chassis::{BootError, Config, Hosted};
use tokio::net::TcpListener;

use crate::{
    ApiKeys, EdgeConfig, EdgeCopies, EdgeGate, EdgeLimiter, EdgeSignatures, EdgeTraces,
    HostReadiness, LastKnown, PublicUrlError,
};

/// One generated BFF, as whoever hosts it sees it.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    /// Its name among the services, such as `bff-web`.
    pub name: &'static str,
    /// What was generated for its audience.
    pub surface: &'static Surface,
    /// The files of its app, if it serves one.
    pub assets: Option<&'static Assets>,
}

/// Why a BFF cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// The section `bff` is not one there is.
    #[error("configuration section `bff`: {0}")]
    Config(#[from] toml::de::Error),
    /// An address that callers are said to know is none.
    #[error("bff.public_urls: {0}")]
    PublicUrl(#[from] PublicUrlError),
    /// There is nothing to derive the secret of sessions from.
    #[error("set bff.http.session_secret: this process holds no private keys to derive it from")]
    NoSecret,
    /// The mesh does not open.
    #[error(transparent)]
    Mesh(#[from] BootError),
    /// The BFF does not fit together.
    #[error(transparent)]
    Bff(#[from] BffError),
}

impl Edge {
    /// Serves it on a listener, beside whatever else the process runs, until
    /// the process shuts down.
    ///
    /// # Errors
    /// Its configuration does not fit.
    pub fn serve(self, hosted: &mut Hosted, listener: TcpListener) -> Result<(), EdgeError> {
        let mut config = config(hosted.config())?;
        if config.http.session_secret.is_empty() {
            config.http.session_secret = session_secret(hosted)?;
        }
        let last_known = LastKnown::new(self.surface);
        let mesh = hosted.mesh_for_edge_with(self.name, Arc::new(last_known.clone()))?;
        let api_keys = Arc::new(ApiKeys::new(mesh.channel("auth")));
        let identity = hosted.identity();
        let gate = EdgeGate::new(identity.clone(), self.name).with_api_keys(Arc::clone(&api_keys));
        let signatures = EdgeSignatures::new(identity.clone(), self.name, api_keys)
            .at(config.public_url(self.name)?)
            .limited(&config);
        let copies = EdgeCopies::new(hosted.cache(), self.surface);
        let mut bff = Bff::builder(self.surface, config.http.clone())
            .gate(Arc::new(gate))
            .signatures(Arc::new(signatures))
            .limiter(Arc::new(EdgeLimiter::new(hosted.cache(), &config)))
            .copies(Arc::new(copies.clone()))
            .ready(Arc::new(HostReadiness::new(hosted.readiness())))
            .traces(Arc::new(EdgeTraces));
        if let Some(assets) = self.assets {
            bff = bff.assets(assets);
        }
        for domain in self.surface.domains {
            bff = bff.backend(
                *domain,
                crate::backend(mesh.channel(domain), last_known.clone()),
            );
        }
        let graph = Graph::new(self.surface.openapi, GraphLimits::default());
        let path = format!("{}/graphql", self.surface.prefix);
        let app = bff.routes(graph.routes(&path)).build()?;
        graph.ask(Router::new().fallback_service(app.clone()));
        let events = hosted.events();
        let stopped = hosted.shutdown_token();
        hosted.spawn(crate::follow(copies, self.surface, events, stopped));
        let shutdown = hosted.shutdown_token();
        hosted.spawn(async move {
            let stop = async move { shutdown.cancelled().await };
            let limits = ServeLimits::default();
            if let Err(error) = covergen_bff::serve(listener, app, limits, stop).await {
                tracing::error!(%error, edge = self.name, "the listener ended");
            }
        });
        Ok(())
    }
}

fn config(config: &Config) -> Result<EdgeConfig, EdgeError> {
    Ok(EdgeConfig::from_table(config.bff.clone())?)
}

/// The secret that binds CSRF tokens to sessions: the same after a restart, so
/// that open browser tabs go on working.
fn session_secret(hosted: &Hosted) -> Result<String, EdgeError> {
    let keys = hosted.identity().access.keys();
    let secret = keys.derive("bff.sessions").ok_or(EdgeError::NoSecret)?;
    Ok(secret.iter().map(|byte| format!("{byte:02x}")).collect())
}
