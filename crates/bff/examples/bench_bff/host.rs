//! Our side: the generated BFF as a process.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use covergen_bff::{Admission, Backend, Bff, BffConfig, Caller, Gate, Problem, ServeLimits, serve};
use covergen_mesh::{
    ClientHooks, Mesh, MeshConfig, MethodFacts, PolicyConfig, Registry, TargetConfig,
};
use tokio::net::TcpListener;

use crate::generated::SURFACE;

/// Lets everybody in: Envoy's side asks nobody either.
struct Open;

#[async_trait]
impl Gate for Open {
    async fn admit(&self, request: &Admission<'_>) -> Result<Caller, Problem> {
        Ok(Caller::anonymous(request.peer))
    }
}

/// Serves on a port of its own until the process ends.
pub(crate) async fn run(backend: SocketAddr, announce: impl FnOnce(SocketAddr)) -> Result<()> {
    let channel = mesh(backend)?.channel("bench");
    let router = Bff::builder(&SURFACE, BffConfig::default())
        .gate(Arc::new(Open))
        .backend("bench", Backend::new(channel))
        .build()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    announce(listener.local_addr()?);
    let limits = ServeLimits {
        connections: 4_096,
        ..ServeLimits::default()
    };
    serve(listener, router, limits, std::future::pending()).await?;
    Ok(())
}

/// The way a deployed BFF reaches its services, with every layer on.
fn mesh(backend: SocketAddr) -> Result<Mesh> {
    let target = TargetConfig {
        address: format!("http://{backend}").parse()?,
        policy: PolicyConfig {
            streams_per_endpoint: Some(4_096),
            ..PolicyConfig::default()
        },
        ..TargetConfig::default()
    };
    let config = MeshConfig {
        targets: [("bench".to_owned(), target)].into(),
        ..MeshConfig::default()
    };
    Ok(Mesh::new(
        config,
        Registry::default(),
        "bff",
        ClientHooks::new(facts),
    )?)
}

/// What the contract says of its methods.
fn facts(path: &str) -> Option<MethodFacts> {
    let streams = path.ends_with("/Watch");
    Some(MethodFacts {
        idempotent: path.ends_with("/GetOrder"),
        deadline_ms: None,
        client_streaming: false,
        server_streaming: streams,
    })
}
