//! Stopping a server loses nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use covergen_mesh::{DrainReport, PolicyConfig, Registry, ServerConfig};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use tonic::{Code, Status};

use crate::{
    client::Client,
    probe::{Probe, WRITE},
    world::{Server, Setup, bounded, eventually, tcp},
};

#[tokio::test]
async fn a_call_in_flight_finishes_while_new_ones_are_turned_away() {
    let (entered, has_entered) = oneshot::channel();
    let (finish, may_finish) = oneshot::channel::<()>();
    let once = std::sync::Mutex::new(Some((entered, may_finish)));
    let probe = Probe::unary(move |_| {
        let (entered, may_finish) = once.lock().unwrap().take().expect("called once");
        async move {
            entered.send(()).unwrap();
            may_finish
                .await
                .map_err(|_| Status::internal("test is over"))?;
            Ok(Bytes::from_static(b"finished"))
        }
    });
    let setup = Setup::default();
    let service = setup.protect("probe", probe);
    let mut server = Server::start(service, ServerConfig::default()).await;
    let address = server.address;
    let mesh = setup.mesh(Registry::default(), tcp(&[address]));
    let mut client = Client::new(mesh.channel("probe"));
    let call = tokio::spawn(async move { client.text(WRITE).await });
    has_entered.await.unwrap();
    server.ask_to_stop();
    bounded(async { while TcpStream::connect(address).await.is_ok() {} }).await;
    finish.send(()).unwrap();
    assert_eq!(call.await.unwrap().unwrap(), "finished");
    assert_eq!(server.stop().await, DrainReport { open: 1, cut: 0 });
}

#[tokio::test]
async fn streams_are_told_and_calls_that_never_end_are_cut() {
    let probe = Probe::unary(|_| std::future::pending()).and_silent_streams();
    let setup = Setup {
        server: ServerConfig {
            drain_timeout_ms: 300,
            ..ServerConfig::default()
        },
        ..Setup::default()
    };
    let service = setup.protect("probe", probe);
    let server = Server::start(service, setup.server.clone()).await;
    let mesh = setup.mesh(Registry::default(), tcp(&[server.address]));
    let mut client = Client::new(mesh.channel("probe"));
    let mut stream = client.watch(Bytes::new()).await.unwrap().into_inner();
    let mut other = client.clone();
    let call = tokio::spawn(async move { other.text(WRITE).await });
    let calls = || mesh.snapshot().targets["probe"].in_flight.calls;
    eventually(|| calls() > 0).await;
    let report = tokio::spawn(server.stop());
    let status = stream.message().await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(
        status.message().contains("open the stream again"),
        "{status}"
    );
    assert_eq!(call.await.unwrap().unwrap_err().code(), Code::Unavailable);
    assert_eq!(report.await.unwrap(), DrainReport { open: 1, cut: 1 });
}

#[tokio::test]
async fn an_old_connection_is_replaced_without_a_failed_call() {
    let setup = Setup {
        server: ServerConfig {
            connection_age_ms: 100,
            connection_age_grace_ms: 5_000,
            ..ServerConfig::default()
        },
        ..patient()
    };
    let peers = Arc::new(std::sync::Mutex::new(std::collections::HashSet::new()));
    let seen = Arc::clone(&peers);
    let probe = Probe::unary(move |request| {
        let peer = request.extensions().get::<covergen_mesh::Peer>().cloned();
        seen.lock().unwrap().insert(format!("{peer:?}"));
        async { Ok(Bytes::new()) }
    });
    let service = setup.protect("probe", probe);
    let server = Server::start(service, setup.server.clone()).await;
    let mesh = setup.mesh(Registry::default(), tcp(&[server.address]));
    let mut client = Client::new(mesh.channel("probe"));
    while peers.lock().unwrap().len() < 3 {
        client.text(WRITE).await.unwrap();
    }
}

/// Where no call may fail, none does for a busy machine either.
fn patient() -> Setup {
    Setup {
        policy: PolicyConfig {
            deadline_ms: Some(60_000),
            ..PolicyConfig::default()
        },
        ..Setup::default()
    }
}

/// Two replicas, each replaced in turn while writes, which are never retried
/// once sent, go on without pause.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_fails_no_call() {
    let served = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&served);
    let probe = Probe::unary(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        async {
            tokio::time::sleep(Duration::from_millis(2)).await;
            Ok(Bytes::new())
        }
    });
    let setup = patient();
    let service = setup.protect("probe", probe);
    let config = ServerConfig::default();
    let mut replicas = [
        Server::start(service.clone(), config.clone()).await,
        Server::start(service.clone(), config.clone()).await,
    ];
    let addresses = replicas.each_ref().map(|replica| replica.address);
    let mesh = setup.mesh(Registry::default(), tcp(&addresses));
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let (mut client, stop) = (Client::new(mesh.channel("probe")), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut made = 0_u32;
                while !stop.load(Ordering::SeqCst) {
                    client.text(WRITE).await.unwrap();
                    made += 1;
                }
                made
            })
        })
        .collect();
    for round in 0..6 {
        let reached = served.load(Ordering::SeqCst) + 200;
        eventually(|| served.load(Ordering::SeqCst) >= reached).await;
        let listener = bounded(rebind(addresses[round % 2]));
        let old = &mut replicas[round % 2];
        old.ask_to_stop();
        let listener = listener.await;
        let new = Server::on(listener, service.clone(), config.clone());
        let report = std::mem::replace(old, new).stop().await;
        assert_eq!(report.cut, 0);
    }
    stop.store(true, Ordering::SeqCst);
    let mut made = 0;
    for writer in writers {
        made += writer.await.unwrap();
    }
    assert_eq!(made, served.load(Ordering::SeqCst), "each write once");
}

/// The port, as soon as its last holder lets go of it.
async fn rebind(address: std::net::SocketAddr) -> TcpListener {
    loop {
        if let Ok(listener) = TcpListener::bind(address).await {
            return listener;
        }
        tokio::task::yield_now().await;
    }
}
