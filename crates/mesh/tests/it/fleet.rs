//! Several replicas of a probe, each of which can be made to misbehave.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use covergen_mesh::{
    ClientHooks, Mesh, MeshConfig, MeshSnapshot, Registry, ServerConfig, ServerHooks, Services,
    server,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tonic::Status;
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{
    client::Client,
    probe::{Probe, READ, lookup},
    world::{Open, Server},
};

/// One server that answers with its name.
pub(crate) struct Replica {
    pub(crate) server: Server,
    pub(crate) behaviour: Arc<Behaviour>,
    health: HealthReporter,
}

#[derive(Default)]
pub(crate) struct Behaviour {
    pub(crate) calls: AtomicU32,
    pub(crate) is_broken: AtomicBool,
    pub(crate) knows_nothing: AtomicBool,
    pub(crate) delay_us: AtomicU64,
}

impl Replica {
    pub(crate) async fn start(name: &'static str) -> Self {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::start_at(name, anywhere).await
    }

    pub(crate) async fn start_at(name: &'static str, address: SocketAddr) -> Self {
        let behaviour = Arc::new(Behaviour::default());
        let shown = Arc::clone(&behaviour);
        let probe = Probe::unary(move |_| {
            let behaviour = Arc::clone(&shown);
            async move {
                behaviour.calls.fetch_add(1, Ordering::SeqCst);
                let delay_us = behaviour.delay_us.load(Ordering::SeqCst);
                if delay_us > 0 {
                    tokio::time::sleep(Duration::from_micros(delay_us)).await;
                }
                if behaviour.is_broken.load(Ordering::SeqCst) {
                    return Err(Status::unavailable("broken"));
                }
                if behaviour.knows_nothing.load(Ordering::SeqCst) {
                    return Err(Status::not_found("never heard of it"));
                }
                Ok(Bytes::from_static(name.as_bytes()))
            }
        });
        let (health, service) = tonic_health::server::health_reporter();
        let routes = Services::default().with(probe).with(service);
        let config = ServerConfig::default();
        let hooks = ServerHooks::new(lookup, Arc::new(Open));
        let service = server::protect("probe", routes, &config, hooks);
        Self {
            server: Server::on(TcpListener::bind(address).await.unwrap(), service, config),
            behaviour,
            health,
        }
    }

    pub(crate) async fn fleet<const N: usize>(names: [&'static str; N]) -> [Self; N] {
        let started = futures::future::join_all(names.map(Self::start)).await;
        started.try_into().ok().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        url(self.server.address)
    }

    pub(crate) fn calls(&self) -> u32 {
        self.behaviour.calls.load(Ordering::SeqCst)
    }

    pub(crate) fn forget_calls(&self) {
        self.behaviour.calls.store(0, Ordering::SeqCst);
    }

    pub(crate) fn set_broken(&self, broken: bool) {
        self.behaviour.is_broken.store(broken, Ordering::SeqCst);
    }

    /// Answers NOT_FOUND from now on.
    pub(crate) fn forget_all(&self) {
        self.behaviour.knows_nothing.store(true, Ordering::SeqCst);
    }

    pub(crate) fn set_delay(&self, delay: Duration) {
        let delay_us = u64::try_from(delay.as_micros()).unwrap();
        self.behaviour.delay_us.store(delay_us, Ordering::SeqCst);
    }

    pub(crate) async fn set_healthy(&self, healthy: bool) {
        self.set_serving("", healthy).await;
    }

    /// What is said of one service.
    pub(crate) async fn set_serving(&self, service: &str, serves: bool) {
        let status = if serves {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        self.health.set_service_status(service, status).await;
    }
}

pub(crate) fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

pub(crate) fn address(replicas: &[Replica]) -> String {
    let urls: Vec<_> = replicas.iter().map(Replica::url).collect();
    urls.join(",")
}

/// A mesh whose configuration is what a file would hold.
pub(crate) fn mesh(config: Value) -> Mesh {
    mesh_with(config, ClientHooks::new(lookup))
}

pub(crate) fn mesh_with(config: Value, hooks: ClientHooks) -> Mesh {
    let config: MeshConfig = serde_json::from_value(config).unwrap();
    Mesh::new(config, Registry::default(), "tester", hooks).unwrap()
}

/// A mesh whose `probe` is at these replicas, under this policy for it.
pub(crate) fn mesh_of(replicas: &[Replica], policy: &Value) -> Mesh {
    mesh(json!({
        "targets": {"probe": {"address": address(replicas)}},
        "policy": {"targets": {"probe": policy}},
    }))
}

pub(crate) fn client(mesh: &Mesh) -> Client {
    Client::new(mesh.channel("probe"))
}

/// Calls until every endpoint of the probe is connected.
pub(crate) async fn warm(mesh: &Mesh, endpoints: usize) {
    until(async || {
        let _ = client(mesh).text(READ).await;
        let ready = |mesh: &Mesh| {
            let snapshot = mesh.snapshot();
            let endpoints = snapshot.targets["probe"].endpoints.iter();
            endpoints
                .filter(|endpoint| endpoint.state == covergen_mesh::EndpointState::Ready)
                .count()
        };
        ready(mesh) == endpoints
    })
    .await;
}

/// Asks again and again until the answer is yes.
pub(crate) async fn until(mut condition: impl AsyncFnMut() -> bool) {
    crate::world::bounded(async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// What was decided of that kind, in words, as often as it was.
pub(crate) fn decided(snapshot: &MeshSnapshot, kind: covergen_mesh::DecisionKind) -> Vec<String> {
    let decisions = snapshot.decisions.iter();
    let of_kind = decisions.filter(|decision| decision.kind == kind);
    let told = of_kind.map(|decision| {
        let times = usize::try_from(decision.times).unwrap();
        std::iter::repeat_n(decision.detail.clone(), times)
    });
    told.flatten().collect()
}
