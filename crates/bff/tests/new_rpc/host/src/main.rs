//! Serves what was generated. The backend's address is the first argument; its
//! own is what this prints.

use std::sync::Arc;

use async_trait::async_trait;
use covergen_bff::{Admission, Backend, Bff, BffConfig, Caller, Gate, Problem, ServeLimits, serve};
use tonic::transport::Endpoint;

#[allow(warnings)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/bff.rs"));
}
#[allow(warnings)]
mod messages {
    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}

/// Admits whoever holds the one key, to the one scope.
struct OneKey;

#[async_trait]
impl Gate for OneKey {
    async fn admit(&self, request: &Admission<'_>) -> Result<Caller, Problem> {
        let is_known = request
            .credential
            .is_some_and(|key| key.token == "cg_test_one");
        if is_known && request.route.scopes == ["notes:write"] {
            return Ok(Caller::anonymous(request.peer));
        }
        Err(Problem::unauthenticated("NO_KEY", "Present the key."))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let backend = std::env::args().nth(1).ok_or("no backend is named")?;
    let channel = Endpoint::from_shared(backend)?.connect_lazy();
    let router = Bff::builder(&generated::SURFACE, BffConfig::default())
        .gate(Arc::new(OneKey))
        .backend("notes", Backend::new(channel))
        .build()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    serve(
        listener,
        router,
        ServeLimits::default(),
        std::future::pending(),
    )
    .await?;
    Ok(())
}
