//! Connections that stay open and say nothing, as when a firewall forgets them
//! or a peer is stopped where it stands.

use std::time::Duration;

use covergen_mesh::{PolicyConfig, Registry, ServerConfig};
use covergen_testkit::Proxy;
use tonic::Code;

use crate::{
    client::Client,
    probe::{Probe, QUICK, READ},
    world::{Server, Setup, tcp},
};

/// Between the mesh and a probe, a network that can be broken. Signs of life
/// are asked for often, or a test would take as long as a connection may.
async fn through_a_proxy() -> (Proxy, Server, Client) {
    through_a_proxy_asking_every(300).await
}

async fn through_a_proxy_asking_every(interval_ms: u32) -> (Proxy, Server, Client) {
    let setup = Setup {
        policy: PolicyConfig {
            keepalive_interval_ms: Some(interval_ms),
            keepalive_timeout_ms: Some(300),
            ..PolicyConfig::default()
        },
        ..Setup::default()
    };
    let server = Server::start(
        setup.protect("probe", Probe::echo()),
        ServerConfig::default(),
    )
    .await;
    let proxy = Proxy::before(server.address.to_string());
    let mesh = setup.mesh(Registry::default(), tcp(&[proxy.address()]));
    (proxy, server, Client::new(mesh.channel("probe")))
}

/// Calls until one succeeds; how the others ended.
async fn eventually_answered(client: &mut Client) -> Vec<Code> {
    let mut failed = Vec::new();
    for _ in 0..600 {
        match client.text(READ).await {
            Ok(_) => return failed,
            Err(status) => failed.push(status.code()),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no call is answered any more: {failed:?}");
}

fn are_failures_of_the_network(codes: &[Code]) -> bool {
    let of_network = |code: &Code| matches!(code, Code::DeadlineExceeded | Code::Unavailable);
    codes.iter().all(of_network)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_on_a_stranded_connection_end_by_their_deadline_and_it_is_replaced() {
    let (proxy, _server, mut client) = through_a_proxy().await;
    client.text(READ).await.unwrap();
    let before = proxy.opened();
    proxy.strand();
    let status = client.text(QUICK).await.unwrap_err();
    assert!(are_failures_of_the_network(&[status.code()]), "{status:?}");
    let failed = eventually_answered(&mut client).await;
    assert!(are_failures_of_the_network(&failed), "{failed:?}");
    assert!(proxy.opened() > before, "on another connection");
    // What was given up is closed, so that nothing leaks.
    client.text(READ).await.unwrap();
}

/// Well before the next sign of life is due.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_given_up_has_its_connection_asked_at_once() {
    let (proxy, _server, mut client) = through_a_proxy_asking_every(600_000).await;
    client.text(READ).await.unwrap();
    proxy.strand();
    client.text(QUICK).await.unwrap_err();
    let failed = eventually_answered(&mut client).await;
    assert!(are_failures_of_the_network(&failed), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_is_replaced_before_it_is_needed() {
    let (proxy, _server, mut client) = through_a_proxy().await;
    client.text(READ).await.unwrap();
    let before = proxy.opened();
    proxy.strand();
    // Nobody calls.
    for _ in 0..500 {
        if proxy.opened() > before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(proxy.opened() > before, "it is not replaced");
    client.text(READ).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_falls_silent_is_found_again_once_it_speaks() {
    let (proxy, _server, mut client) = through_a_proxy().await;
    client.text(READ).await.unwrap();
    proxy.fall_silent();
    for _ in 0..3 {
        let status = client.text(QUICK).await.unwrap_err();
        assert!(are_failures_of_the_network(&[status.code()]), "{status:?}");
    }
    proxy.heal();
    let failed = eventually_answered(&mut client).await;
    assert!(are_failures_of_the_network(&failed), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_whose_connection_is_reset_goes_through_all_the_same() {
    let (proxy, _server, mut client) = through_a_proxy().await;
    // As often as the budget of retries allows within a second.
    for _ in 0..2 {
        client.text(READ).await.unwrap();
        proxy.reset();
    }
    client.text(READ).await.unwrap();
    assert!(proxy.opened() > 1);
}
