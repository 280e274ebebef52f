//! gRPC-web clients of others in real Chromium, from an origin of their own,
//! against the scratch service.

use std::path::Path;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::routing::get;
use covergen_bff::{BffConfig, Front, ServeLimits, serve};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{Contracts, Platform, WebClient};

#[tokio::test(flavor = "multi_thread")]
async fn the_official_grpc_web_client_finds_all_it_needs() {
    passes("grpc_web").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connect_web_finds_all_it_needs() {
    passes("connect").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn protobuf_ts_finds_all_it_needs() {
    passes("protobuf_ts").await;
}

async fn passes(client: &str) {
    let descriptors = Path::new(concat!(env!("OUT_DIR"), "/descriptors.binpb"));
    let contracts = Contracts {
        source: descriptors,
        services: &[(
            "covergen.echo.v1.EchoService",
            "covergen/echo/v1/echo.proto",
        )],
    };
    let client = WebClient::start(client, "echo", &contracts).await;
    let config = BffConfig {
        allowed_origins: vec![client.origin.clone()],
        ..BffConfig::default()
    };
    let platform = Platform::over_socket_with(config).await;
    let bff = listen(platform.router.clone()).await;
    let backend = platform.backend.clone();
    let counts = move || {
        let (calls, open) = (&backend.calls, &backend.open);
        let counts = json!({
            "calls": calls.load(Ordering::SeqCst),
            "open": open.load(Ordering::SeqCst),
        });
        std::future::ready(counts.to_string())
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let counted = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/", get(counts));
    tokio::spawn(async move { axum::serve(listener, router).await });
    client.passes(&json!({"bff": bff, "counts": counted})).await;
}

/// Serves until the test ends; answers where.
async fn listen(front: Front) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = ServeLimits::default();
    tokio::spawn(serve(listener, front, limits, std::future::pending()));
    format!("http://{address}")
}
