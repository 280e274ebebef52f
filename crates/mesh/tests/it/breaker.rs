//! The breaker seen from outside, on the paused clock.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use covergen_mesh::{CircuitState, PolicyConfig, Registry};
use tokio::time::advance;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use crate::{
    client::Client,
    probe::{Probe, QUICK, READ, WATCH, WRITE},
    world::{Kind, Setup, World, tcp},
};

/// A target that can be broken, in this process.
pub(crate) struct Switch {
    pub(crate) world: World,
    pub(crate) registry: Registry,
    pub(crate) broken: Arc<AtomicBool>,
    calls: Arc<AtomicU32>,
}

impl Switch {
    pub(crate) fn new() -> Self {
        let broken = Arc::new(AtomicBool::new(true));
        let calls = Arc::new(AtomicU32::new(0));
        let (is_broken, counted) = (Arc::clone(&broken), Arc::clone(&calls));
        let probe = Probe::unary(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            let fail = is_broken.load(Ordering::SeqCst);
            async move {
                if fail {
                    Err(Status::unavailable("down"))
                } else {
                    Ok(Bytes::from_static(b"up"))
                }
            }
        });
        let setup = Setup::default();
        let registry = Registry::default();
        registry.insert("probe", setup.protect("probe", probe));
        let mesh = setup.mesh(registry.clone(), covergen_mesh::Address::InProcess);
        Self {
            world: World::of(mesh),
            registry,
            broken,
            calls,
        }
    }

    /// A write, which is not retried: one call, one attempt.
    pub(crate) async fn call(&self) -> Result<String, Status> {
        self.world.client().text(WRITE).await
    }

    pub(crate) fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }
}

pub(crate) fn state(world: &World) -> CircuitState {
    world.mesh.snapshot().targets["probe"].breaker.state
}

#[tokio::test(start_paused = true)]
async fn it_opens_refuses_tries_and_closes() {
    let switch = Switch::new();
    for _ in 0..5 {
        switch.call().await.unwrap_err();
    }
    assert_eq!(state(&switch.world), CircuitState::Open);

    let status = switch.call().await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    let wait = status
        .get_details_retry_info()
        .unwrap()
        .retry_delay
        .unwrap();
    assert!(wait <= Duration::from_secs(1) && wait > Duration::ZERO);
    assert_eq!(switch.calls(), 5, "an open breaker lets nothing through");

    advance(Duration::from_secs(1)).await;
    switch.call().await.unwrap_err();
    assert_eq!(switch.calls(), 6);
    advance(Duration::from_secs(1)).await;
    switch.call().await.unwrap_err();
    assert_eq!(switch.calls(), 6, "it stays open twice as long");

    switch.broken.store(false, Ordering::SeqCst);
    advance(Duration::from_secs(1)).await;
    assert_eq!(switch.call().await.unwrap(), "up");
    assert_eq!(state(&switch.world), CircuitState::HalfOpen);
    assert_eq!(switch.call().await.unwrap(), "up");
    assert_eq!(state(&switch.world), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_not_retried() {
    let switch = Switch::new();
    for _ in 0..5 {
        switch.call().await.unwrap_err();
    }
    let started = tokio::time::Instant::now();
    switch.world.client().text(READ).await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_hangs_opens_it() {
    let world = World::new(Kind::InProcess, Probe::unary(|_| pending())).await;
    for _ in 0..5 {
        let status = world.client().text(WRITE).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
    }
    assert_eq!(state(&world), CircuitState::Open);
}

#[tokio::test(start_paused = true)]
async fn callers_without_patience_cannot_open_it_for_others() {
    let world = World::new(Kind::InProcess, Probe::unary(|_| pending())).await;
    for _ in 0..20 {
        let mut request = Request::new(Bytes::new());
        request.set_timeout(Duration::from_millis(50));
        let status = world.client().unary(WRITE, request).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
    }
    assert_eq!(state(&world), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn callers_that_hang_up_cannot_open_it() {
    let world = World::new(Kind::InProcess, Probe::unary(|_| pending())).await;
    for _ in 0..20 {
        let mut client = world.client();
        let impatient = tokio::time::timeout(Duration::from_millis(50), client.text(WRITE));
        assert!(impatient.await.is_err());
    }
    assert_eq!(state(&world), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_makes_the_target_stumble_does_not_cut_it_off() {
    let probe = Probe::unary(|_| async { panic!("poison") });
    let world = World::new(Kind::InProcess, probe).await;
    for _ in 0..20 {
        let status = world.client().text(WRITE).await.unwrap_err();
        assert_eq!(status.code(), Code::Internal);
    }
    assert_eq!(state(&world), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn services_that_have_not_started_do_not_open_it() {
    let registry = Registry::default();
    let setup = Setup::default();
    let mesh = setup.mesh(registry.clone(), covergen_mesh::Address::InProcess);
    let mut client = Client::new(mesh.channel("probe"));
    for _ in 0..10 {
        client.text(WRITE).await.unwrap_err();
    }
    registry.insert("probe", setup.protect("probe", Probe::echo()));
    assert_eq!(client.text(WRITE).await.unwrap(), "hello");
}

#[tokio::test(start_paused = true)]
async fn streams_that_fail_to_begin_open_it() {
    let probe = Probe::stream(|_| async { Err(Status::unavailable("down")) });
    let setup = Setup {
        policy: PolicyConfig {
            retry_attempts: Some(1),
            ..PolicyConfig::default()
        },
        ..Setup::default()
    };
    let world = setup.build(Kind::InProcess, probe).await;
    for _ in 0..5 {
        let status = world.client().watch(Bytes::new()).await.unwrap_err();
        assert_eq!(status.message(), "down", "{WATCH}");
    }
    assert_eq!(state(&world), CircuitState::Open);
}

/// Over TCP, where nobody answers shortly before the deadline.
#[tokio::test]
async fn an_endpoint_that_says_nothing_opens_it_unless_nobody_waits() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoints = tcp(&[silent.local_addr().unwrap()]);
    let mesh = Setup::default().mesh(Registry::default(), endpoints);
    let state = || mesh.snapshot().targets["probe"].breaker.state;
    let call = |timeout_ms| {
        let mut client = Client::new(mesh.channel("probe"));
        let mut request = Request::new(Bytes::new());
        request.set_timeout(Duration::from_millis(timeout_ms));
        async move { client.unary(QUICK, request).await.unwrap_err().code() }
    };
    // QUICK gets 300 ms.
    let hurried = futures::future::join_all([50; 10].map(&call)).await;
    assert_eq!(hurried, [Code::DeadlineExceeded; 10]);
    assert_eq!(state(), CircuitState::Closed);
    let patient = futures::future::join_all([300; 5].map(&call)).await;
    assert_eq!(patient, [Code::DeadlineExceeded; 5]);
    assert_eq!(state(), CircuitState::Open);
}
