//! Deadlines are forwarded, enforced on both sides, and shrink on the way.

use std::{future::pending, time::Duration};

use bytes::Bytes;
use covergen_mesh::{CallContext, Deadline, PolicyConfig, Registry};
use tokio::time::Instant;
use tonic::{Code, Request, Status};

use crate::{
    client::Client,
    over_both_transports,
    probe::{Probe, QUICK, READ},
    world::{Kind, Setup, World, tcp},
};

over_both_transports!(
    a_handler_has_less_time_than_its_caller,
    a_call_ends_at_its_deadline,
    a_default_of_the_policy_holds_where_a_contract_states_none,
    a_timeout_set_by_the_caller_goes_before_the_default,
    a_stream_ends_at_the_deadline_its_caller_set,
);

/// Answers how many milliseconds it has.
fn clock() -> Probe {
    Probe::unary(|_| async {
        let context = CallContext::current().expect("the server stack sets it");
        let left = context.remaining().expect("a unary call has a deadline");
        Ok(Bytes::from(left.as_millis().to_string()))
    })
}

async fn a_handler_has_less_time_than_its_caller(kind: Kind) {
    let world = World::new(kind, clock()).await;
    let mut client = world.client();
    let left: u64 = client.text(READ).await.unwrap().parse().unwrap();
    // Two seconds by default, less ten milliseconds kept for the way back.
    assert!((1..=1_990).contains(&left), "{left}");
    let left: u64 = client.text(QUICK).await.unwrap().parse().unwrap();
    assert!((1..=290).contains(&left), "{left}");
}

async fn a_call_ends_at_its_deadline(kind: Kind) {
    let world = World::new(kind, Probe::unary(|_| pending())).await;
    let status = world.client().text(QUICK).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
}

async fn a_default_of_the_policy_holds_where_a_contract_states_none(kind: Kind) {
    let policy = PolicyConfig {
        deadline_ms: Some(60_000),
        ..PolicyConfig::default()
    };
    let setup = Setup {
        policy,
        ..Setup::default()
    };
    let world = setup.build(kind, clock()).await;
    let mut client = world.client();
    let left: u64 = client.text(READ).await.unwrap().parse().unwrap();
    // The server's own bound is ten seconds.
    assert!((2_001..=10_000).contains(&left), "{left}");
    let left: u64 = client.text(QUICK).await.unwrap().parse().unwrap();
    assert!((1..=290).contains(&left), "{left}");
}

async fn a_timeout_set_by_the_caller_goes_before_the_default(kind: Kind) {
    let world = World::new(kind, clock()).await;
    let mut client = world.client();
    let mut by_header = Request::new(Bytes::new());
    by_header.set_timeout(Duration::from_millis(900));
    let mut by_extension = Request::new(Bytes::new());
    let deadline = Deadline::after(Duration::from_millis(900));
    by_extension.extensions_mut().insert(deadline);
    for request in [by_header, by_extension] {
        let answer = client.unary(READ, request).await.unwrap().into_inner();
        let left: u64 = std::str::from_utf8(&answer).unwrap().parse().unwrap();
        assert!((1..=890).contains(&left), "{left}");
    }
}

async fn a_stream_ends_at_the_deadline_its_caller_set(kind: Kind) {
    let silent = Probe::stream(|_| async { Ok(Box::pin(futures::stream::pending()) as _) });
    let world = World::new(kind, silent).await;
    let mut client = world.client();
    let mut request = Request::new(Bytes::new());
    request.set_timeout(Duration::from_millis(200));
    let mut stream = client.watch(request).await.unwrap().into_inner();
    let status = stream.message().await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
}

#[tokio::test(start_paused = true)]
async fn a_unary_call_takes_two_seconds_by_default() {
    let world = World::new(Kind::InProcess, Probe::unary(|_| pending())).await;
    let started = Instant::now();
    let status = world.client().text(READ).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    // Virtual time: the server gives up ten milliseconds earlier.
    assert_eq!(started.elapsed().as_millis() / 10, 199);
}

#[tokio::test(start_paused = true)]
async fn a_server_gives_no_unary_call_more_than_ten_seconds() {
    let world = World::new(Kind::InProcess, Probe::unary(|_| pending())).await;
    let mut request = Request::new(Bytes::new());
    request.set_timeout(Duration::from_secs(3_600));
    let started = Instant::now();
    let status = world.client().unary(READ, request).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(started.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_stream_has_an_idle_limit_and_a_lifetime_instead() {
    let silent = Probe::stream(|_| async { Ok(Box::pin(futures::stream::pending()) as _) });
    let world = World::new(Kind::InProcess, silent).await;
    let started = Instant::now();
    let mut stream = world
        .client()
        .watch(Bytes::new())
        .await
        .unwrap()
        .into_inner();
    let status = stream.message().await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(started.elapsed().as_secs(), 120);

    let ticking = Probe::stream(|_| async {
        let ticks = futures::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Some((Ok(Bytes::from_static(b"tick")), ()))
        });
        Ok(Box::pin(ticks) as _)
    });
    let world = World::new(Kind::InProcess, ticking).await;
    let started = Instant::now();
    let mut stream = world
        .client()
        .watch(Bytes::new())
        .await
        .unwrap()
        .into_inner();
    let status = loop {
        match stream.message().await {
            Ok(message) => assert_eq!(message.unwrap(), "tick"),
            Err(status) => break status,
        }
    };
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(started.elapsed().as_secs(), 3_600);
}

#[tokio::test]
async fn a_call_with_no_time_left_is_not_sent() {
    let probe = Probe::unary(|_| async { Err(Status::internal("was called")) });
    let world = World::new(Kind::InProcess, probe).await;
    let mut request = Request::new(Bytes::new());
    request.set_timeout(Duration::from_millis(9));
    let status = world.client().unary(READ, request).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_malformed_timeout_is_refused_before_it_is_sent() {
    let world = World::new(Kind::InProcess, Probe::echo()).await;
    let mut request = Request::new(Bytes::new());
    request
        .metadata_mut()
        .insert("grpc-timeout", "soon".parse().unwrap());
    let status = world.client().unary(READ, request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

/// `front` calls `probe` over TCP while it serves a call in process.
#[tokio::test]
async fn deadlines_shrink_from_hop_to_hop() {
    let back = World::new(Kind::Tcp, clock()).await;
    let next = back.mesh.channel("probe");
    let front = Probe::unary(move |_| {
        let mut client = Client::new(next.clone());
        async move {
            let mine = CallContext::current().and_then(|context| context.remaining());
            let theirs = client.text(READ).await?;
            Ok(Bytes::from(format!(
                "{} {theirs}",
                mine.expect("is set").as_millis()
            )))
        }
    });
    let world = World::new(Kind::InProcess, front).await;
    let mut request = Request::new(Bytes::new());
    request.set_timeout(Duration::from_millis(1_000));
    let answer = world
        .client()
        .unary(READ, request)
        .await
        .unwrap()
        .into_inner();
    let text = std::str::from_utf8(&answer).unwrap();
    let (front_ms, back_ms) = text.split_once(' ').unwrap();
    let front_ms: u64 = front_ms.parse().unwrap();
    let back_ms: u64 = back_ms.parse().unwrap();
    assert!(front_ms <= 990 && back_ms + 9 <= front_ms, "{text}");
}

#[tokio::test]
async fn an_endpoint_that_accepts_and_says_nothing_is_given_up_at_the_deadline() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mesh = Setup::default().mesh(Registry::default(), tcp(&[listener.local_addr().unwrap()]));
    let status = Client::new(mesh.channel("probe"))
        .text(QUICK)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
}
