//! gRPC-web clients of others in real Chromium, from an origin of their own,
//! against the real platform; and what its traces tell of one that leaves.

use std::path::Path;

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::json;
use tempfile::tempdir;

use crate::api::register;
use crate::collector::{Collector, text};
use crate::platform::Platform;
use crate::web_clients::{Contracts, WebClient};

const WATCH: &str = "/covergen.cover.v1.CoverService/WatchTask";

#[tokio::test(flavor = "multi_thread")]
async fn the_official_grpc_web_client_uses_the_platform() {
    uses_the_platform("grpc_web").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connect_web_uses_the_platform() {
    uses_the_platform("connect").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn protobuf_ts_uses_the_platform() {
    uses_the_platform("protobuf_ts").await;
}

async fn uses_the_platform(client: &str) {
    let contracts = Contracts {
        source: Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto")),
        services: &[
            (
                "covergen.cover.v1.CoverService",
                "covergen/cover/v1/cover.proto",
            ),
            (
                "covergen.template.v1.TemplateService",
                "covergen/template/v1/template.proto",
            ),
            (
                "covergen.user.v1.UserService",
                "covergen/user/v1/user.proto",
            ),
        ],
    };
    let client = WebClient::start(client, "platform", &contracts).await;
    let (collector, address) = Collector::start().await;
    let folder = tempdir().unwrap();
    let origins = format!("[\"{}\"]", client.origin);
    let variables = [
        ("COVERGEN__BFF__HTTP__ALLOWED_ORIGINS", origins),
        ("COVERGEN__TELEMETRY__OTLP_ENDPOINT", address),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value));
    let platform = Platform::start_with(folder.path(), variables.to_vec()).await;
    let ada = register(&platform, "ada").await;
    let world = json!({"bff": platform.web, "token": ada.token});
    client.passes(&world).await;

    // One watched to the end, one left: the service's own span of each says so.
    let ended = |code: &'static str| {
        collector.eventually(move |span| {
            span.kind() == SpanKind::Server
                && text(span, "method") == WATCH
                && text(span, "code") == code
        })
    };
    ended("OK").await;
    let left = ended("CANCELLED").await;
    assert!(left.end_time_unix_nano > left.start_time_unix_nano);
}
