//! A process that is told to stop finishes what it has begun.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use covergen_chassis::{BoxError, Config, Context, Host, Service, Wiring, facts};
use covergen_ids::Clock;
use covergen_mesh::{ClientHooks, Mesh, MeshConfig, Registry};
use covergen_proto::auth::v1::RefreshRequest;
use tokio::net::TcpListener;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::service::{Client, Probe, client, login};

async fn host(folder: &tempfile::TempDir) -> Host {
    let config = Config::load(Config::embedded(folder.path()), &[], []).unwrap();
    Host::open(config, Clock::system()).await.unwrap()
}

/// The way to a process over TCP.
fn dial(port: u16) -> Client {
    let text = format!("[targets.auth]\naddress = \"http://127.0.0.1:{port}\"");
    let config: MeshConfig = text.parse::<toml::Table>().unwrap().try_into().unwrap();
    let mesh = Mesh::new(config, Registry::default(), "test", ClientHooks::new(facts)).unwrap();
    client(mesh.channel("auth"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_in_flight_is_answered_before_the_process_ends() {
    let folder = tempfile::tempdir().unwrap();
    let probe = Probe::new();
    let mut hosted = host(&folder)
        .await
        .start(vec![probe.service("auth")])
        .await
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    hosted.serve_grpc(listener);
    let mut slow = dial(port);
    let request = RefreshRequest {
        refresh_token: "cgr_x".to_owned(),
    };
    let call = tokio::spawn(async move { slow.refresh(request).await });
    probe.arrived.acquire().await.unwrap().forget();
    let problems = hosted.readiness();
    assert_eq!(problems().await, Vec::<String>::new());
    let ending = tokio::spawn(hosted.shutdown());
    // Told to stop, it says so to whoever sends it work.
    crate::service::eventually("not ready any more", || async {
        problems()
            .await
            .iter()
            .any(|problem| problem == "shutting down")
    })
    .await;
    assert!(!ending.is_finished(), "it waits for the call");
    probe.gate.add_permits(1);
    call.await.unwrap().unwrap();
    ending.await.unwrap();
    assert!(
        dial(port).login(login()).await.is_err(),
        "nobody listens any more"
    );
}

/// What the process says of itself as a whole.
async fn health(port: u16) -> ServingStatus {
    let text = format!("[targets.auth]\naddress = \"http://127.0.0.1:{port}\"");
    let config: MeshConfig = text.parse::<toml::Table>().unwrap().try_into().unwrap();
    let mesh = Mesh::new(config, Registry::default(), "test", ClientHooks::new(facts)).unwrap();
    let mut asked = HealthClient::new(mesh.channel("auth"));
    let answer = asked.check(HealthCheckRequest::default()).await.unwrap();
    answer.into_inner().status()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_says_so_by_grpc_while_calls_still_come() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::load(Config::embedded(folder.path()), &[], []).unwrap();
    // Longer than the test: it is asked while it leaves.
    config.listen.leave_ms = 60_000;
    let host = Host::open(config, Clock::system()).await.unwrap();
    let services = vec![Probe::new().service("auth")];
    let mut hosted = host.start(services).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    hosted.serve_grpc(listener);
    assert_eq!(health(port).await, ServingStatus::Serving);
    let ending = tokio::spawn(hosted.shutdown());
    crate::service::eventually("it says that it leaves", || async {
        health(port).await == ServingStatus::NotServing
    })
    .await;
    dial(port).login(login()).await.unwrap();
    ending.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_are_told_and_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let finished = Arc::clone(&done);
    let service = Service::new("worker", move |context: Context| async move {
        let shutdown = context.shutdown.clone();
        Ok::<_, BoxError>(Wiring::new().worker("slow", async move {
            shutdown.cancelled().await;
            // The store is still there for what has to be written down.
            let tx = context.store.begin().await.unwrap();
            tx.commit().await.unwrap();
            finished.store(true, Ordering::SeqCst);
        }))
    });
    let hosted = host(&folder).await.start(vec![service]).await.unwrap();
    hosted.shutdown().await;
    assert!(done.load(Ordering::SeqCst));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_panics_takes_nobody_along() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::new("worker", |_: Context| async move {
        let work = async { panic!("injected") };
        Ok::<_, BoxError>(Wiring::new().worker("broken", work))
    });
    let services = vec![service, Probe::new().service("auth")];
    let hosted = host(&folder).await.start(services).await.unwrap();
    let mesh = hosted.mesh_as("bff-web").unwrap();
    client(mesh.channel("auth")).login(login()).await.unwrap();
    hosted.shutdown().await;
}
