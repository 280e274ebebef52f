//! What is tried again, how often, and what is not.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use covergen_mesh::{PolicyConfig, Registry};
use tokio::time::Instant;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::{
    client::Client,
    over_both_transports,
    probe::{LATE, Probe, QUICK, READ, UNKNOWN, WRITE},
    world::{Kind, Server, Setup, World, tcp},
};

over_both_transports!(
    an_idempotent_call_is_tried_three_times,
    a_status_in_trailers_counts_like_one_in_headers,
    a_call_that_may_have_been_carried_out_is_not_repeated,
    other_codes_are_answers_and_not_retried,
    every_attempt_carries_the_whole_request,
    a_server_that_says_never_is_obeyed,
    a_retry_that_comes_to_nothing_in_time_leaves_the_refusal_before_it,
    a_retry_that_meets_the_targets_own_bound_says_so,
    what_is_in_no_contract_is_not_retried,
);

/// Fails with `status` until the `succeed_at`th attempt; counts attempts.
fn failing(succeed_at: u32, status: fn() -> Status) -> (Probe, Arc<AtomicU32>) {
    let attempts = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&attempts);
    let probe = Probe::unary(move |_| {
        let attempt = counted.fetch_add(1, Ordering::SeqCst) + 1;
        async move {
            if attempt >= succeed_at {
                Ok(Bytes::from_static(b"done"))
            } else {
                Err(status())
            }
        }
    });
    (probe, attempts)
}

fn down() -> Status {
    Status::unavailable("down")
}

async fn an_idempotent_call_is_tried_three_times(kind: Kind) {
    let (probe, attempts) = failing(3, down);
    let world = World::new(kind, probe).await;
    assert_eq!(world.client().text(READ).await.unwrap(), "done");
    assert_eq!(attempts.load(Ordering::SeqCst), 3);

    let (probe, attempts) = failing(4, down);
    let world = World::new(kind, probe).await;
    let status = world.client().text(READ).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::Unavailable, "down")
    );
    assert_eq!(attempts.load(Ordering::SeqCst), 3);
}

async fn a_status_in_trailers_counts_like_one_in_headers(kind: Kind) {
    let (probe, attempts) = failing(3, down);
    let world = World::new(kind, probe).await;
    assert_eq!(world.client().text(LATE).await.unwrap(), "done");
    assert_eq!(attempts.load(Ordering::SeqCst), 3);
}

async fn a_call_that_may_have_been_carried_out_is_not_repeated(kind: Kind) {
    let (probe, attempts) = failing(2, down);
    let world = World::new(kind, probe).await;
    let status = world.client().text(WRITE).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(attempts.load(Ordering::SeqCst), 1);
}

async fn other_codes_are_answers_and_not_retried(kind: Kind) {
    for code in (1..=16).map(Code::from) {
        if code == Code::Unavailable {
            continue;
        }
        let attempts = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&attempts);
        let probe = Probe::unary(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            async move { Err(Status::new(code, "answer")) }
        });
        let world = World::new(kind, probe).await;
        assert_eq!(world.client().text(READ).await.unwrap_err().code(), code);
        assert_eq!(attempts.load(Ordering::SeqCst), 1, "{code:?}");
    }
}

async fn every_attempt_carries_the_whole_request(kind: Kind) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&seen);
    let probe = Probe::unary(move |request| {
        let header = request.metadata().get("x-extra").cloned();
        let mut seen = recorded.lock().unwrap();
        seen.push((request.into_inner(), header));
        let last = seen.len() == 3;
        async move { if last { Ok(Bytes::new()) } else { Err(down()) } }
    });
    let world = World::new(kind, probe).await;
    let message = Bytes::from(vec![7; 300_000]);
    let mut request = tonic::Request::new(message.clone());
    request
        .metadata_mut()
        .insert("x-extra", "kept".parse().unwrap());
    world.client().unary(READ, request).await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    for (body, header) in seen.iter() {
        assert_eq!(body, &message);
        assert_eq!(header.as_ref().unwrap(), "kept");
    }
}

async fn a_server_that_says_never_is_obeyed(kind: Kind) {
    let (probe, attempts) = failing(2, || {
        let mut status = down();
        let never = "-1".parse().unwrap();
        status
            .metadata_mut()
            .insert("grpc-retry-pushback-ms", never);
        status
    });
    let world = World::new(kind, probe).await;
    world.client().text(READ).await.unwrap_err();
    assert_eq!(attempts.load(Ordering::SeqCst), 1);
}

async fn what_is_in_no_contract_is_not_retried(kind: Kind) {
    let attempts = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&attempts);
    let probe = Probe::stream(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Err(down()) }
    });
    let world = World::new(kind, probe).await;
    world.client().text(UNKNOWN).await.unwrap_err();
    assert_eq!(attempts.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_time_gets_it() {
    let (probe, attempts) = failing(2, || {
        let wait = ErrorDetails::with_retry_info(Some(Duration::from_millis(700)));
        Status::with_error_details(Code::Unavailable, "later", wait)
    });
    let world = World::new(Kind::InProcess, probe).await;
    let started = Instant::now();
    assert_eq!(world.client().text(READ).await.unwrap(), "done");
    assert_eq!(attempts.load(Ordering::SeqCst), 2);
    assert!(started.elapsed() >= Duration::from_millis(700));
}

#[tokio::test(start_paused = true)]
async fn no_retry_is_made_that_would_come_after_the_deadline() {
    let (probe, attempts) = failing(2, || {
        let wait = ErrorDetails::with_retry_info(Some(Duration::from_secs(5)));
        Status::with_error_details(Code::Unavailable, "later", wait)
    });
    let world = World::new(Kind::InProcess, probe).await;
    let status = world.client().text(READ).await.unwrap_err();
    assert_eq!(status.message(), "later");
    assert_eq!(attempts.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn even_a_write_is_retried_while_its_target_has_not_started() {
    let registry = Registry::default();
    let setup = Setup::default();
    let mesh = setup.mesh(registry.clone(), covergen_mesh::Address::InProcess);
    let mut client = Client::new(mesh.channel("probe"));
    let status = client.text(WRITE).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);

    let mut early = client.clone();
    let call = tokio::spawn(async move { early.text(WRITE).await });
    tokio::task::yield_now().await;
    registry.insert("probe", setup.protect("probe", Probe::echo()));
    assert_eq!(call.await.unwrap().unwrap(), "hello");
}

#[tokio::test]
async fn a_write_goes_to_the_next_endpoint_when_one_cannot_be_connected_to() {
    let setup = Setup::default();
    let service = setup.protect("probe", Probe::echo());
    let server = Server::start(service, setup.server.clone()).await;
    let nobody = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let mesh = setup.mesh(Registry::default(), tcp(&[nobody, server.address, nobody]));
    let mut client = Client::new(mesh.channel("probe"));
    for _ in 0..20 {
        assert_eq!(client.text(WRITE).await.unwrap(), "hello");
    }
    let snapshot = mesh.snapshot();
    let endpoints = &snapshot.targets["probe"].endpoints;
    assert_eq!(endpoints[0].state, covergen_mesh::EndpointState::Shunned);
    assert_eq!(endpoints[1].state, covergen_mesh::EndpointState::Ready);
}

/// front → middle → back, each by its own mesh; back is down.
#[tokio::test(start_paused = true)]
async fn retries_happen_at_one_layer_only() {
    let (back, attempts) = failing(u32::MAX, down);
    let back = World::new(Kind::InProcess, back).await;
    let middle = forward_to(&back).await;
    let front = forward_to(&middle).await;
    let status = front.client().text(READ).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(attempts.load(Ordering::SeqCst), 3);
}

async fn forward_to(next: &World) -> World {
    let channel = next.mesh.channel("probe");
    let probe = Probe::unary(move |_| {
        let mut client = Client::new(channel.clone());
        async move {
            // As a service does: its own words, not the other's metadata.
            let answer = client.text(READ).await;
            answer
                .map(Bytes::from)
                .map_err(|status| Status::new(status.code(), "dependency failed"))
        }
    });
    World::new(Kind::InProcess, probe).await
}

/// Calls made at 100 a second while everything fails; answers (calls, attempts).
async fn outage(policy: PolicyConfig) -> (u32, u32) {
    let (probe, attempts) = failing(u32::MAX, down);
    let setup = Setup {
        policy,
        ..Setup::default()
    };
    let world = setup.build(Kind::InProcess, probe).await;
    let calls = 3_000;
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..calls {
        let mut client = world.client();
        running.spawn(async move { client.text(READ).await.unwrap_err() });
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    running.join_all().await;
    (calls, attempts.load(Ordering::SeqCst))
}

#[tokio::test(start_paused = true)]
async fn a_total_outage_is_amplified_by_no_more_than_a_fifth() {
    let (calls, attempts) = outage(PolicyConfig::default()).await;
    // The breaker keeps almost everything away.
    assert!(
        attempts * 10 <= calls,
        "{attempts} attempts for {calls} calls"
    );
}

#[tokio::test(start_paused = true)]
async fn the_budget_alone_bounds_the_amplification_too() {
    let (calls, attempts) = outage(PolicyConfig {
        breaker_consecutive_failures: Some(10_000),
        breaker_minimum_calls: Some(100_000),
        retry_budget_per_second: Some(0),
        ..PolicyConfig::default()
    })
    .await;
    assert!(attempts > calls, "nothing was retried");
    assert!(
        attempts * 10 <= calls * 12,
        "{attempts} attempts for {calls} calls"
    );
}

/// The first attempt is refused, the second hangs. Told as a timeout, nobody
/// could know that the target is away.
async fn a_retry_that_comes_to_nothing_in_time_leaves_the_refusal_before_it(kind: Kind) {
    let attempts = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&attempts);
    let probe = Probe::unary(move |_| {
        let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if first {
                return Err(down());
            }
            std::future::pending().await
        }
    });
    let world = World::new(kind, probe).await;
    // 300 ms.
    let status = world.client().text(QUICK).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::Unavailable, "down")
    );
    assert_eq!(attempts.load(Ordering::SeqCst), 2);
}

/// There was time left: what the retry came to is the answer.
async fn a_retry_that_meets_the_targets_own_bound_says_so(kind: Kind) {
    let attempts = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&attempts);
    let probe = Probe::unary(move |_| {
        let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            Err(if first {
                down()
            } else {
                Status::deadline_exceeded("the report takes longer than it may")
            })
        }
    });
    let world = World::new(kind, probe).await;
    let status = world.client().text(READ).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
    assert_eq!(attempts.load(Ordering::SeqCst), 2);
}
