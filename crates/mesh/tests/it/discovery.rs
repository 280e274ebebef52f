//! Endpoints that come and go.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use covergen_mesh::{ClientHooks, DecisionKind, Discover, DiscoverError, EndpointState, HostPort};
use futures::future::BoxFuture;
use serde_json::json;
use tonic::Code;

use crate::{
    fleet::{Replica, client, decided, mesh, mesh_with, until, warm},
    probe::{READ, WRITE, lookup},
};

fn list(replicas: &[&Replica]) -> String {
    let urls: Vec<_> = replicas.iter().map(|replica| replica.url()).collect();
    serde_json::to_string(&urls).unwrap()
}

/// Writes are not retried, so one that fails is seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoints_of_a_file_come_and_go_with_no_failed_call() {
    let [a, b, c] = Replica::fleet(["a", "b", "c"]).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, list(&[&a, &b])).unwrap();
    let mesh = mesh(json!({
        "targets": {"probe": {
            "address": format!("file://{}", file.path().display()),
            "policy": {"discovery_refresh_ms": 10, "deadline_ms": 60_000},
        }},
    }));
    warm(&mesh, 2).await;
    let (stop, failed) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU32::new(0)),
    );
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let mut client = client(&mesh);
            let (stop, failed) = (Arc::clone(&stop), Arc::clone(&failed));
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    if client.text(WRITE).await.is_err() {
                        failed.fetch_add(1, Ordering::SeqCst);
                    }
                }
            })
        })
        .collect();
    until(async || a.calls() > 50 && b.calls() > 50).await;
    std::fs::write(&file, list(&[&b, &c])).unwrap();
    until(async || c.calls() > 50).await;
    // What has gone has nothing in flight left and can be stopped.
    let open = a.server.stop().await;
    assert_eq!(open.cut, 0);
    std::fs::write(&file, list(&[&c])).unwrap();
    let gone = format!("{} went", b.server.address);
    until(async || decided(&mesh.snapshot(), DecisionKind::Endpoint).contains(&gone)).await;
    b.server.stop().await;
    c.forget_calls();
    until(async || c.calls() > 50).await;
    stop.store(true, Ordering::SeqCst);
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(failed.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_broken_file_keeps_the_endpoints_and_says_so() {
    let [a] = Replica::fleet(["a"]).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, list(&[&a])).unwrap();
    let mesh = mesh(json!({
        "targets": {"probe": {
            "address": format!("file://{}", file.path().display()),
            "policy": {"discovery_refresh_ms": 10},
        }},
    }));
    assert_eq!(client(&mesh).text(WRITE).await.unwrap(), "a");
    std::fs::write(&file, "- http://a:1\n- nonsense\n").unwrap();
    until(async || {
        let told = decided(&mesh.snapshot(), DecisionKind::Endpoint);
        told.iter().any(|told| told.contains("entry 1"))
    })
    .await;
    assert_eq!(client(&mesh).text(WRITE).await.unwrap(), "a");
}

#[tokio::test]
async fn a_name_is_looked_up() {
    let [a] = Replica::fleet(["a"]).await;
    let port = a.server.address.port();
    let mesh = mesh(json!({
        "targets": {"probe": {"address": format!("dns://localhost:{port}")}},
    }));
    assert_eq!(client(&mesh).text(READ).await.unwrap(), "a");
    let endpoints = mesh.snapshot().targets["probe"].endpoints.clone();
    assert!(
        endpoints
            .iter()
            .any(|endpoint| endpoint.address == format!("127.0.0.1:{port}"))
    );
}

#[tokio::test]
async fn a_name_that_is_none_fails_the_call_and_names_itself() {
    let mesh = mesh(json!({
        "targets": {"probe": {"address": "dns://no-such-name.invalid:1"}},
    }));
    let status = client(&mesh).text(WRITE).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(
        status.message().contains("no-such-name.invalid"),
        "{status}"
    );
}

/// A source that a test moves.
#[derive(Debug, Clone, Default)]
struct Moved(Arc<Mutex<Vec<HostPort>>>);

impl Discover for Moved {
    fn resolve(&self) -> BoxFuture<'_, Result<Vec<HostPort>, DiscoverError>> {
        Box::pin(async { Ok(self.0.lock().unwrap().clone()) })
    }

    fn refresh(&self) -> Option<Duration> {
        Some(Duration::from_millis(10))
    }
}

fn place(replica: &Replica) -> HostPort {
    HostPort {
        host: replica.server.address.ip().to_string(),
        port: replica.server.address.port(),
    }
}

#[tokio::test]
async fn one_that_cannot_be_connected_to_is_given_no_load() {
    let [a] = Replica::fleet(["a"]).await;
    let source = Moved::default();
    source.0.lock().unwrap().push(place(&a));
    let hooks = ClientHooks::new(lookup).with_discovery("probe", Arc::new(source.clone()));
    let mesh = mesh_with(json!({}), hooks);
    assert_eq!(client(&mesh).text(WRITE).await.unwrap(), "a");
    // Taken and let go of, so that nobody listens there.
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = HostPort {
        host: "127.0.0.1".to_owned(),
        port: nobody.local_addr().unwrap().port(),
    };
    drop(nobody);
    source.0.lock().unwrap().push(dead);
    until(async || {
        let endpoints = &mesh.snapshot().targets["probe"].endpoints;
        endpoints
            .iter()
            .any(|endpoint| endpoint.state == EndpointState::Shunned)
    })
    .await;
    for _ in 0..50 {
        assert_eq!(client(&mesh).text(WRITE).await.unwrap(), "a");
    }
    let endpoints = mesh.snapshot().targets["probe"].endpoints.clone();
    assert_eq!(
        endpoints.iter().map(|endpoint| endpoint.calls).max(),
        Some(51)
    );
    assert_eq!(
        endpoints.iter().map(|endpoint| endpoint.calls).min(),
        Some(0)
    );
}
