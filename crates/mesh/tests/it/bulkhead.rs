//! Bounds on what is in flight and on what waits, on both sides.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use bytes::Bytes;
use covergen_mesh::{Caller, PolicyConfig, ServerConfig, principal_key};
use tokio::sync::Semaphore;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::{
    over_both_transports,
    probe::{Probe, WRITE},
    world::{Kind, Setup, World, eventually},
};

over_both_transports!(
    a_call_too_many_is_shed_and_told_when_to_come_back,
    a_caller_that_hangs_up_gives_its_place_back,
    a_server_at_its_limit_sheds,
    one_principal_does_not_take_up_the_server,
    streams_do_not_take_the_room_of_calls,
);

/// Answers once the gate has a permit; counts the calls that are inside.
struct Gate {
    open: Arc<Semaphore>,
    inside: Arc<AtomicU32>,
}

impl Gate {
    fn new() -> (Self, Probe) {
        let gate = Self {
            open: Arc::new(Semaphore::new(0)),
            inside: Arc::default(),
        };
        let (open, inside) = (Arc::clone(&gate.open), Arc::clone(&gate.inside));
        let probe = Probe::unary(move |_| {
            let open = Arc::clone(&open);
            inside.fetch_add(1, Ordering::SeqCst);
            async move {
                open.acquire().await.unwrap().forget();
                Ok(Bytes::from_static(b"done"))
            }
        });
        (gate, probe)
    }

    async fn wait_for(&self, inside: u32) {
        eventually(|| self.inside.load(Ordering::SeqCst) >= inside).await;
    }
}

fn tight() -> Setup {
    Setup {
        policy: PolicyConfig {
            in_flight_per_endpoint: Some(2),
            streams_per_endpoint: Some(1),
            pending: Some(1),
            deadline_ms: Some(60_000),
            ..PolicyConfig::default()
        },
        ..Setup::default()
    }
}

fn spawn(world: &World) -> tokio::task::JoinHandle<Result<String, Status>> {
    let mut client = world.client();
    tokio::spawn(async move { client.text(WRITE).await })
}

async fn until_pending(world: &World, pending: u32) {
    let waiting = || world.mesh.snapshot().targets["probe"].in_flight.pending;
    eventually(|| waiting() == pending).await;
}

async fn a_call_too_many_is_shed_and_told_when_to_come_back(kind: Kind) {
    let (gate, probe) = Gate::new();
    let world = tight().build(kind, probe).await;
    let first = [spawn(&world), spawn(&world)];
    gate.wait_for(2).await;
    let waiting = spawn(&world);
    until_pending(&world, 1).await;

    let status = world.client().text(WRITE).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(
        status
            .get_details_retry_info()
            .unwrap()
            .retry_delay
            .is_some()
    );

    gate.open.add_permits(3);
    for call in first {
        assert_eq!(call.await.unwrap().unwrap(), "done");
    }
    assert_eq!(waiting.await.unwrap().unwrap(), "done");
    assert_eq!(gate.inside.load(Ordering::SeqCst), 3);
    assert_eq!(world.mesh.snapshot().targets["probe"].in_flight.calls, 0);
}

async fn a_caller_that_hangs_up_gives_its_place_back(kind: Kind) {
    let (gate, probe) = Gate::new();
    let world = tight().build(kind, probe).await;
    let calls = [spawn(&world), spawn(&world)];
    gate.wait_for(2).await;
    let waiting = spawn(&world);
    until_pending(&world, 1).await;
    waiting.abort();
    until_pending(&world, 0).await;
    for call in calls {
        call.abort();
        assert!(call.await.is_err());
    }
    let next = spawn(&world);
    gate.wait_for(3).await;
    // Over TCP the given-up handlers may still be waiting at the gate.
    gate.open.add_permits(3);
    assert_eq!(next.await.unwrap().unwrap(), "done");
}

async fn a_server_at_its_limit_sheds(kind: Kind) {
    let (gate, probe) = Gate::new();
    let setup = Setup {
        server: ServerConfig {
            max_calls: 1,
            ..ServerConfig::default()
        },
        ..Setup::default()
    };
    let world = setup.build(kind, probe).await;
    let first = spawn(&world);
    gate.wait_for(1).await;
    let status = world.client().text(WRITE).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.get_details_retry_info().is_some());
    gate.open.add_permits(2);
    assert_eq!(first.await.unwrap().unwrap(), "done");
    assert_eq!(world.client().text(WRITE).await.unwrap(), "done");
}

async fn streams_do_not_take_the_room_of_calls(kind: Kind) {
    let probe = Probe::stream(|_| async { Ok(Box::pin(futures::stream::pending()) as _) });
    let setup = Setup {
        policy: PolicyConfig {
            pending: Some(0),
            ..tight().policy
        },
        ..Setup::default()
    };
    let world = setup.build(kind, probe).await;
    let held = world.client().watch(Bytes::new()).await.unwrap();
    let status = world.client().watch(Bytes::new()).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(world.client().text(WRITE).await.unwrap(), "hello");
    drop(held);
    world.client().watch(Bytes::new()).await.unwrap();
}

/// Takes the caller's word for who it is.
struct ByName;

impl covergen_mesh::Guard for ByName {
    fn admit<'a>(
        &'a self,
        parts: &'a mut http::request::Parts,
    ) -> futures::future::BoxFuture<'a, Result<Caller, Status>> {
        Box::pin(async {
            let name = parts.headers.get("x-name").unwrap().to_str().unwrap();
            Ok(Caller::new(name.to_owned()))
        })
    }
}

async fn one_principal_does_not_take_up_the_server(kind: Kind) {
    let (gate, probe) = Gate::new();
    let setup = Setup {
        server: ServerConfig {
            max_calls_per_principal: 1,
            max_pending_per_principal: 1,
            ..ServerConfig::default()
        },
        guard: Arc::new(ByName),
        principal: Some(|caller| caller.get::<String>().map(|name| principal_key(name))),
        ..Setup::default()
    };
    let world = setup.build(kind, probe).await;
    let call = |name: &'static str| {
        let mut client = world.client();
        let mut request = tonic::Request::new(Bytes::new());
        request
            .metadata_mut()
            .insert("x-name", name.parse().unwrap());
        tokio::spawn(async move { client.unary(WRITE, request).await })
    };
    let first = call("anna");
    gate.wait_for(1).await;
    let second = [call("anna"), call("anna")];
    // One of the two waits, and the other is shed.
    let [second, third] = second;
    let (shed, waiting) = match futures::future::select(second, third).await {
        futures::future::Either::Left(done) => done,
        futures::future::Either::Right(done) => done,
    };
    let status = shed.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.get_details_retry_info().is_some());
    let other = call("berta");
    gate.wait_for(2).await;
    gate.open.add_permits(3);
    for call in [first, waiting, other] {
        call.await.unwrap().unwrap();
    }
}
