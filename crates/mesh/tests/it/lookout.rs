//! What is seen of a target while its breaker lets nothing through.

use std::{sync::atomic::Ordering, time::Duration};

use covergen_mesh::{CircuitState, DecisionKind, Mesh};
use serde_json::json;
use tokio::time::advance;
use tonic::{Code, Status};

use crate::{
    breaker::{Switch, state},
    fleet::{Replica, client, decided, mesh_of, until, warm},
    probe::{Probe, READ, WRITE},
    world::{Kind, World},
};

/// On the paused clock: at once, with everything done that is due meanwhile.
async fn eventually_passed(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Opens it, and fails so many calls that are let through to see.
async fn outage(switch: &Switch, trials: u32) {
    for _ in 0..5 {
        switch.call().await.unwrap_err();
    }
    for trial in 0..trials {
        advance(Duration::from_secs(1 << trial)).await;
        switch.call().await.unwrap_err();
    }
    assert_eq!(switch.calls(), 5 + trials);
    assert_eq!(state(&switch.world), CircuitState::Open);
}

fn opens_for_ms(world: &World) -> u64 {
    let snapshot = world.mesh.snapshot();
    let left = snapshot.targets["probe"].breaker.opens_for_ms;
    left.unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_target_that_says_it_is_well_again_is_called_within_a_second() {
    let switch = Switch::new();
    switch.registry.set_serving("probe", false);
    outage(&switch, 5).await;
    eventually_passed(Duration::from_secs(3)).await;
    assert!(opens_for_ms(&switch.world) > 20_000);

    switch.broken.store(false, Ordering::SeqCst);
    switch.registry.set_serving("probe", true);
    eventually_passed(Duration::from_secs(1)).await;
    assert_eq!(opens_for_ms(&switch.world), 0);
    for _ in 0..2 {
        assert_eq!(switch.call().await.unwrap(), "up");
    }
    assert_eq!(state(&switch.world), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_always_says_it_is_well_is_left_alone_for_its_time() {
    let switch = Switch::new();
    outage(&switch, 5).await;
    eventually_passed(Duration::from_secs(20)).await;
    assert!(opens_for_ms(&switch.world) > 10_000);
    switch.call().await.unwrap_err();
    assert_eq!(switch.calls(), 10, "nothing is let through");
}

#[tokio::test(start_paused = true)]
async fn health_that_flaps_lets_no_more_than_a_call_a_second_through() {
    let switch = Switch::new();
    outage(&switch, 3).await;
    let before = switch.calls();
    for step in 0..600 {
        switch.registry.set_serving("probe", step % 2 == 0);
        eventually_passed(Duration::from_millis(100)).await;
        // Reads, which are tried again where the budget grants it.
        switch.world.client().text(READ).await.unwrap_err();
    }
    let through = switch.calls() - before;
    assert!((2..=60).contains(&through), "{through} in a minute");
}

/// One that fails because of whom it calls itself refuses at once; once that
/// one is back there is nothing to wait for.
#[tokio::test(start_paused = true)]
async fn a_failure_of_whom_the_target_calls_does_not_open_it() {
    let probe = Probe::unary(|_| async {
        let mut status = Status::unavailable("user is not answering");
        let never = "-1".parse().unwrap();
        status
            .metadata_mut()
            .insert("grpc-retry-pushback-ms", never);
        Err(status)
    });
    let world = World::new(Kind::InProcess, probe).await;
    for _ in 0..20 {
        let status = world.client().text(READ).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
    }
    assert_eq!(state(&world), CircuitState::Closed);
}

fn breaker_policy(open: &str) -> serde_json::Value {
    json!({"circuitBreaker": {"baseOpenTime": open, "maxOpenTime": "3600s"}})
}

/// Over TCP. Open for an hour, but for what is seen; the shortest wait is cut
/// short afterwards, so that the test does not take one.
async fn opened_for_an_hour(replica: &Replica) -> Mesh {
    let mesh = mesh_of(std::slice::from_ref(replica), &breaker_policy("3600s"));
    warm(&mesh, 1).await;
    replica.set_broken(true);
    for _ in 0..5 {
        client(&mesh).text(WRITE).await.unwrap_err();
    }
    let policy = json!({"targets": {"probe": breaker_policy("10ms")}});
    mesh.apply(&policy.to_string()).unwrap();
    let refused = client(&mesh).text(WRITE).await.unwrap_err();
    assert!(refused.message().contains("not calling it"), "{refused}");
    mesh
}

async fn closes(mesh: &Mesh) {
    until(async || client(mesh).text(READ).await.is_ok()).await;
    for _ in 0..2 {
        client(mesh).text(READ).await.unwrap();
    }
    let snapshot = mesh.snapshot();
    assert_eq!(
        snapshot.targets["probe"].breaker.state,
        CircuitState::Closed
    );
    assert!(has_seen(mesh, "serves again"));
}

fn has_seen(mesh: &Mesh, what: &str) -> bool {
    let decisions = decided(&mesh.snapshot(), DecisionKind::Breaker);
    decisions.iter().any(|detail| detail.contains(what))
}

#[tokio::test]
async fn over_tcp_the_called_services_own_health_is_asked() {
    let replica = Replica::start("a").await;
    replica.set_serving("test.Probe", false).await;
    let mesh = opened_for_an_hour(&replica).await;
    until(async || has_seen(&mesh, "does not serve")).await;
    replica.set_broken(false);
    client(&mesh).text(READ).await.unwrap_err();
    replica.set_serving("test.Probe", true).await;
    closes(&mesh).await;
}

#[tokio::test]
async fn a_process_that_was_gone_and_is_there_again_is_called() {
    let replica = Replica::start("a").await;
    let mesh = opened_for_an_hour(&replica).await;
    let address = replica.server.address;
    replica.server.stop().await;
    until(async || has_seen(&mesh, "does not serve")).await;
    let again = Replica::start_at("a", address).await;
    closes(&mesh).await;
    assert!(again.calls() > 0);
}
