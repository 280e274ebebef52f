//! Answers beside those of Envoy's gRPC-JSON transcoder, on one backend.
//!
//! `corpus.txt` holds the requests, `divergences.txt` those that are answered
//! differently on purpose, each under the reason why. A difference that is not
//! listed fails, and so does a listed one that is gone.

mod compare;
mod corpus;
mod divergences;
mod wire;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use covergen_bff::{Backend, Bff, BffConfig, ServeLimits, serve};
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Endpoint, Server};

use crate::generated::SURFACE;
use crate::scratch::covergen::echo::v1::echo_service_server::EchoServiceServer;
use crate::support::envoy::{Envoy, Setup};
use crate::support::{EchoBackend, ScratchGate};
use compare::{Outcome, compare};
use corpus::CORPUS;
use divergences::{DIVERGENCES, Line};

const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.binpb"));

#[tokio::test(flavor = "multi_thread")]
async fn answers_differ_from_envoys_only_where_a_reason_is_written_down() {
    let backend = backend().await;
    let ours = bff(backend).await;
    let mut envoy = start(backend).await;
    let asked = corpus::parse(CORPUS);
    assert!(asked.len() >= 300, "only {} requests", asked.len());
    let mut found = Vec::new();
    for asked in &asked {
        let (here, there) = (asked.for_us(), asked.bytes(""));
        let (ours, theirs) = tokio::join!(wire::send(ours, &here), wire::send(envoy.rest, &there));
        if theirs.status == 0 && !envoy.eventually_answers().await {
            envoy = start(backend).await;
        }
        if let Some(Outcome { kind, shown }) = compare(asked, &ours, &theirs) {
            let request = asked.line.clone();
            found.push((Line { kind, request }, shown));
        }
    }
    let told = complaints(&found, &divergences::parse(DIVERGENCES));
    assert!(told.is_empty(), "\n{told}");
}

async fn start(backend: SocketAddr) -> Envoy {
    let program = std::env::var_os("COVERGEN_TEST_ENVOY");
    let setup = Setup {
        program: program.expect("`cargo xtask` names Envoy's program in COVERGEN_TEST_ENVOY"),
        launcher: &[],
        descriptors: DESCRIPTORS,
        service: "covergen.echo.v1.EchoService",
        backend,
    };
    Envoy::start(setup).await.expect("Envoy starts")
}

/// What was found and is not listed, with both answers, and what is listed
/// and was not found.
fn complaints(found: &[(Line, String)], listed: &BTreeSet<Line>) -> String {
    let mut told = String::new();
    for (line, shown) in found.iter().filter(|(line, _)| !listed.contains(line)) {
        writeln!(told, "not listed: {} {}\n{shown}", line.kind, line.request).unwrap();
    }
    let seen: BTreeSet<&Line> = found.iter().map(|(line, _)| line).collect();
    for line in listed.iter().filter(|line| !seen.contains(line)) {
        writeln!(told, "gone: {} {}", line.kind, line.request).unwrap();
    }
    told
}

#[test]
fn a_new_difference_and_one_that_is_gone_are_both_told() {
    let listed = divergences::parse("= Why (RFC 1, 1).\n400/200 GET /a\nbody GET /b\n");
    let found = |kind: &str, request: &str| {
        let (kind, request) = (kind.to_owned(), request.to_owned());
        (Line { kind, request }, String::new())
    };
    let same = [found("400/200", "GET /a"), found("body", "GET /b")];
    assert_eq!(complaints(&same, &listed), "");
    let told = complaints(
        &[found("400/404", "GET /a"), found("body", "GET /b")],
        &listed,
    );
    assert_eq!(told, "not listed: 400/404 GET /a\n\ngone: 400/200 GET /a\n");
}

/// The service, on a port of its own.
async fn backend() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = EchoServiceServer::new(EchoBackend::default());
    let server = Server::builder().add_service(service);
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    address
}

/// The generated BFF before it, on another.
async fn bff(backend: SocketAddr) -> SocketAddr {
    let channel = Endpoint::from_shared(format!("http://{backend}")).unwrap();
    let bff = Bff::builder(&SURFACE, BffConfig::default())
        .gate(Arc::new(ScratchGate))
        .backend("echo", Backend::new(channel.connect_lazy()));
    let router = crate::support::others(bff).build().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = ServeLimits::default();
    tokio::spawn(serve(listener, router, limits, std::future::pending()));
    address
}
