//! Envoy with its gRPC-JSON transcoder, as a process of our own. The tests
//! compare answers with it, and the bench its processor time.

#![allow(dead_code, reason = "tests and bench each use what they need")]

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// What it shall do.
pub(crate) struct Setup<'a> {
    pub(crate) program: OsString,
    /// What it is started with, such as `taskset --cpu-list 0`; may be empty.
    pub(crate) launcher: &'a [&'a str],
    /// Encoded FileDescriptorSet.
    pub(crate) descriptors: &'a [u8],
    /// Full name of the service to transcode.
    pub(crate) service: &'a str,
    pub(crate) backend: SocketAddr,
}

/// A running Envoy; ends when this is dropped.
pub(crate) struct Envoy {
    child: Child,
    /// Where REST is transcoded.
    pub(crate) rest: SocketAddr,
    /// Where gRPC-web is translated.
    pub(crate) grpc_web: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Envoy {
    /// Starts it on free ports and waits until it listens.
    pub(crate) async fn start(setup: Setup<'_>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (descriptors, config) = (
            folder.path().join("protos"),
            folder.path().join("envoy.json"),
        );
        std::fs::write(&descriptors, setup.descriptors)?;
        let settings = settings(&setup, &descriptors);
        std::fs::write(&config, serde_json::to_vec(&settings)?)?;
        let told = folder.path().join("admin");
        let mut line: Vec<OsString> = setup.launcher.iter().map(OsString::from).collect();
        line.push(setup.program);
        let mut child = Command::new(&line[0])
            .args(&line[1..])
            .args(["--concurrency", "1", "--disable-hot-restart"])
            .args(["--log-level", "error", "--config-path"])
            .arg(&config)
            .arg("--admin-address-path")
            .arg(&told)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be started", line[0].display()))?;
        let [rest, grpc_web] = eventually_listening(&mut child, &told).await?;
        Ok(Self {
            child,
            rest,
            grpc_web,
            _folder: folder,
        })
    }

    /// Whether it still answers; one that died of a request is told from one
    /// that hung up. What is dying may take a connection and never answer it.
    pub(crate) async fn eventually_answers(&mut self) -> bool {
        for _ in 0..300 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return false;
            }
            if answers(self.rest).await.unwrap_or(false) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    /// Its process id.
    pub(crate) fn id(&self) -> Result<u32> {
        self.child.id().context("it has ended")
    }
}

/// Whether a request is answered, with whatever.
async fn answers(address: SocketAddr) -> Result<bool> {
    let mut socket = TcpStream::connect(address).await?;
    socket
        .write_all(b"GET / HTTP/1.1\r\nhost: envoy\r\n\r\n")
        .await?;
    let mut first = [0];
    Ok(tokio::time::timeout(Duration::from_secs(1), socket.read(&mut first)).await?? > 0)
}

/// The addresses of its listeners, in the order of the settings.
async fn eventually_listening(child: &mut Child, told: &Path) -> Result<[SocketAddr; 2]> {
    for _ in 0..600 {
        if let Some(status) = child.try_wait()? {
            bail!("Envoy ended at once ({status})");
        }
        if let Ok(listeners) = listeners(told).await {
            return Ok(listeners);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("Envoy did not listen within half a minute");
}

async fn listeners(told: &Path) -> Result<[SocketAddr; 2]> {
    let admin = std::fs::read_to_string(told)?;
    let mut socket = TcpStream::connect(admin.trim()).await?;
    let asked = "GET /listeners?format=json HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n";
    socket.write_all(asked.as_bytes()).await?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    // The document stands between the braces, whatever the framing.
    let (from, to) = answer
        .find('{')
        .zip(answer.rfind('}'))
        .context("no document")?;
    let document: Value = serde_json::from_str(&answer[from..=to])?;
    let address = |name: &str| -> Result<SocketAddr> {
        let all = document["listener_statuses"].as_array();
        let listener = all
            .into_iter()
            .flatten()
            .find(|listener| listener["name"] == name)
            .context("it does not listen yet")?;
        let socket = &listener["local_address"]["socket_address"];
        let port = socket["port_value"].as_u64().context("no port")?;
        let ip = socket["address"].as_str().context("no address")?;
        Ok(SocketAddr::new(ip.parse()?, u16::try_from(port)?))
    };
    Ok([address("rest")?, address("grpc_web")?])
}

/// The name under which Envoy knows a kind of settings.
fn kind(name: &str) -> String {
    format!("type.googleapis.com/envoy.extensions.{name}")
}

fn settings(setup: &Setup<'_>, descriptors: &Path) -> Value {
    // As ours: fields without presence are always written, unknown parameters
    // are refused, streams are events, an error has a body.
    let transcoder = json!({
        "name": "envoy.filters.http.grpc_json_transcoder",
        "typed_config": {
            "@type": kind("filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder"),
            "proto_descriptor": descriptors,
            "services": [setup.service],
            "convert_grpc_status": true,
            "print_options": {
                "always_print_primitive_fields": true,
                "stream_newline_delimited": true,
                "stream_sse_style_delimited": true,
            },
            "request_validation_options": {
                "reject_unknown_method": true,
                "reject_unknown_query_parameters": true,
            },
        },
    });
    let grpc_web = json!({
        "name": "envoy.filters.http.grpc_web",
        "typed_config": {"@type": kind("filters.http.grpc_web.v3.GrpcWeb")},
    });
    // Bounds that a thousand streams do not reach.
    let most = json!({
        "max_connections": 4_096,
        "max_pending_requests": 4_096,
        "max_requests": 4_096,
    });
    json!({
        "admin": {"address": loopback(0)},
        "static_resources": {
            "listeners": [listener("rest", &transcoder), listener("grpc_web", &grpc_web)],
            "clusters": [{
                "name": "backend",
                "type": "STATIC",
                "circuit_breakers": {"thresholds": [most]},
                "typed_extension_protocol_options": {
                    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                        "@type": kind("upstreams.http.v3.HttpProtocolOptions"),
                        "explicit_http_config": {"http2_protocol_options": {}},
                    },
                },
                "load_assignment": {
                    "cluster_name": "backend",
                    "endpoints": [{"lb_endpoints": [{
                        "endpoint": {"address": loopback(setup.backend.port())},
                    }]}],
                },
            }],
        },
    })
}

fn loopback(port: u16) -> Value {
    json!({"socket_address": {"address": "127.0.0.1", "port_value": port}})
}

/// A listener whose requests pass through one filter to the backend.
fn listener(name: &str, filter: &Value) -> Value {
    let router = json!({
        "name": "envoy.filters.http.router",
        "typed_config": {"@type": kind("filters.http.router.v3.Router")},
    });
    let route = json!({"match": {"prefix": "/"}, "route": {"cluster": "backend", "timeout": "0s"}});
    let manager = json!({
        "@type": kind("filters.network.http_connection_manager.v3.HttpConnectionManager"),
        "stat_prefix": name,
        // A second's grace for clients that are still sending is not needed.
        "delayed_close_timeout": "0s",
        "route_config": {
            "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}],
        },
        "http_filters": [filter, router],
    });
    let chain = json!({
        "filters": [{
            "name": "envoy.filters.network.http_connection_manager",
            "typed_config": manager,
        }],
    });
    json!({"name": name, "address": loopback(0), "filter_chains": [chain]})
}
