//! The scratch platform: backend, gate, limiter, router, and a client for it.

mod any_backend;
mod backend;
mod client;
pub(crate) mod envoy;
mod files;
mod gate;
mod guide;
mod live;
mod parts;
mod watching;
mod web_clients;

pub(crate) use any_backend::any_backend;
pub(crate) use backend::EchoBackend;
pub(crate) use client::{Answer, get, post, request, send};
pub(crate) use gate::{CountingLimiter, ScratchGate};
pub(crate) use guide::Guide;
pub(crate) use live::Live;
pub(crate) use parts::{Act, Parts};
pub(crate) use watching::{BOTH, How, Seen, Watcher, failed};
pub(crate) use web_clients::{Contracts, WebClient, buf};

use std::sync::Arc;

use bytes::Bytes;
use covergen_bff::Front;
use covergen_bff::{Backend, Bff, BffConfig};
use http_body_util::BodyExt as _;
use tower::util::MapResponseLayer;

use crate::generated::SURFACE;
use crate::scratch::covergen::echo::v1::echo_service_server::EchoServiceServer;

/// The backends beside the echo.
pub(crate) fn others(bff: Bff) -> Bff {
    bff.backend("parts", Parts::default().backend())
        .backend("guide", Guide::default().backend())
        .backend("live", Live::default().backend())
}

/// tonic's services have no say in their trailers, other languages' do.
fn with_trailer<B>(
    response: http::Response<B>,
) -> http::Response<impl http_body::Body<Data = Bytes, Error = B::Error>>
where
    B: http_body::Body<Data = Bytes>,
{
    response.map(|body| {
        body.map_frame(|frame| match frame.into_trailers() {
            Ok(mut trailers) => {
                trailers.insert("x-ended", http::HeaderValue::from_static("well"));
                http_body::Frame::trailers(trailers)
            }
            Err(data) => data,
        })
    })
}

/// A router over a fresh backend, and the backend to look into.
pub(crate) struct Platform {
    pub(crate) router: Front,
    pub(crate) backend: EchoBackend,
}

impl Platform {
    pub(crate) fn new() -> Self {
        Self::with(BffConfig::default())
    }

    pub(crate) fn with(config: BffConfig) -> Self {
        Self::build(config, |bff| bff)
    }

    pub(crate) fn build(config: BffConfig, more: impl FnOnce(Bff) -> Bff) -> Self {
        let backend = EchoBackend::default();
        let service = EchoServiceServer::new(backend.clone());
        let bff = Bff::builder(&SURFACE, config)
            .gate(Arc::new(ScratchGate))
            .backend("echo", Backend::new(service));
        let router = more(others(bff))
            .build()
            .expect("the scratch platform is whole");
        Self { router, backend }
    }

    /// As [`new`](Self::new), the backend behind a socket of its own.
    pub(crate) async fn over_socket() -> Self {
        Self::over_socket_with(BffConfig::default()).await
    }

    /// As [`with`](Self::with), the backend behind a socket of its own. What it
    /// answers ends with a trailer beside gRPC's own.
    pub(crate) async fn over_socket_with(config: BffConfig) -> Self {
        let backend = EchoBackend::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = EchoServiceServer::new(backend.clone());
        let incoming = tonic::transport::server::TcpIncoming::from(listener);
        tokio::spawn(
            tonic::transport::Server::builder()
                .layer(MapResponseLayer::new(with_trailer))
                .add_service(service)
                .serve_with_incoming(incoming),
        );
        let channel = tonic::transport::Endpoint::from_shared(format!("http://{address}"))
            .unwrap()
            .connect_lazy();
        let bff = Bff::builder(&SURFACE, config)
            .gate(Arc::new(ScratchGate))
            .backend("echo", Backend::new(channel));
        let router = others(bff).build().unwrap();
        Self { router, backend }
    }

    pub(crate) async fn send(&self, request: http::Request<axum::body::Body>) -> Answer {
        client::send(&self.router, request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(get(path)).await
    }

    pub(crate) async fn post(&self, path: &str, json: &str) -> Answer {
        self.send(post(path, json)).await
    }
}
