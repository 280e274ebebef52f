//! Our side: the generated BFF as a process.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use covergen_bff::{Admission, Backend, Bff, BffConfig, Caller, Gate, Problem, ServeLimits, serve};
use tokio::net::TcpListener;
use tonic::transport::Endpoint;

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
    let channel = Endpoint::from_shared(format!("http://{backend}"))?.connect_lazy();
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
