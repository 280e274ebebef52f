//! A second attempt beside a slow first one.

use std::time::Duration;

use covergen_mesh::{DecisionKind, Mesh};
use serde_json::{Value, json};
use tonic::Code;

use crate::{
    fleet::{Replica, client, decided, mesh_of, warm},
    probe::{READ, WRITE},
};

fn hedged(delay: Option<&str>) -> Value {
    let hedging = delay.map_or(json!({}), |delay| json!({"hedgingDelay": delay}));
    json!({
        "loadBalancingConfig": [{"round_robin": {}}],
        "healthCheckConfig": {"enabled": false},
        "methodConfig": [{"name": [{}], "hedgingPolicy": hedging}],
    })
}

fn hedges(mesh: &Mesh) -> usize {
    decided(&mesh.snapshot(), DecisionKind::Hedge).len()
}

/// The budget of hedges is a share of the calls there were.
async fn earn(mesh: &Mesh, calls: usize) {
    for _ in 0..calls {
        client(mesh).text(READ).await.unwrap();
    }
}

#[tokio::test]
async fn a_slow_call_is_answered_by_another_endpoint_and_the_loser_is_cancelled() {
    let fleet = Replica::fleet(["a", "b"]).await;
    let mesh = mesh_of(&fleet, &hedged(Some("300ms")));
    warm(&mesh, 2).await;
    earn(&mesh, 100).await;
    let before = hedges(&mesh);
    fleet[0].set_delay(Duration::from_secs(30));
    // One of two in turn goes to the slow one and would miss its deadline.
    for _ in 0..2 {
        assert_eq!(client(&mesh).text(READ).await.unwrap(), "b");
    }
    assert!(hedges(&mesh) > before);
    crate::fleet::until(async || mesh.snapshot().targets["probe"].in_flight.calls == 0).await;
}

/// gRFC A6: only what may pass is waited out.
#[tokio::test]
async fn what_one_attempt_is_answered_ends_the_call_unless_it_is_unavailable() {
    let fleet = Replica::fleet(["a", "b"]).await;
    let mesh = mesh_of(&fleet, &hedged(Some("100ms")));
    warm(&mesh, 2).await;
    earn(&mesh, 200).await;
    let before = hedges(&mesh);
    fleet[0].set_delay(Duration::from_millis(500));
    fleet[1].set_broken(true);
    // One of two in turn goes to the slow one, and its hedge to the broken one.
    for _ in 0..2 {
        assert_eq!(client(&mesh).text(READ).await.unwrap(), "a");
    }
    assert!(hedges(&mesh) > before);
    let before = hedges(&mesh);
    fleet[1].set_broken(false);
    fleet[1].forget_all();
    fleet[0].set_delay(Duration::from_secs(30));
    for _ in 0..2 {
        let status = client(&mesh).text(READ).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound, "{status}");
    }
    assert!(hedges(&mesh) > before);
}

#[tokio::test]
async fn at_most_one_call_in_twenty_is_hedged() {
    let fleet = Replica::fleet(["a", "b"]).await;
    let mesh = mesh_of(&fleet, &hedged(Some("1ms")));
    warm(&mesh, 2).await;
    let warmed = fleet[0].calls() + fleet[1].calls();
    for replica in &fleet {
        replica.set_delay(Duration::from_millis(5));
    }
    earn(&mesh, 100).await;
    let made = 100 + usize::try_from(warmed).unwrap();
    assert!(hedges(&mesh) >= 1);
    assert!(hedges(&mesh) * 20 <= made, "{} of {made}", hedges(&mesh));
}

#[tokio::test]
async fn what_must_not_be_done_twice_is_never_hedged() {
    let fleet = Replica::fleet(["a", "b"]).await;
    let mut policy = hedged(Some("1ms"));
    // Not the calls that only earn: the loser of one could still arrive, and
    // be counted, among the writes.
    let read = json!({"name": [{"service": "test.Probe", "method": "Read"}], "timeout": "2s"});
    policy["methodConfig"].as_array_mut().unwrap().push(read);
    let mesh = mesh_of(&fleet, &policy);
    warm(&mesh, 2).await;
    earn(&mesh, 100).await;
    let before = hedges(&mesh);
    for replica in &fleet {
        replica.set_delay(Duration::from_millis(20));
        replica.forget_calls();
    }
    for _ in 0..10 {
        client(&mesh).text(WRITE).await.unwrap();
    }
    assert_eq!(hedges(&mesh), before);
    assert_eq!(fleet[0].calls() + fleet[1].calls(), 10);
}

#[tokio::test]
async fn without_a_delay_the_method_s_own_p95_decides() {
    let fleet = Replica::fleet(["a", "b"]).await;
    let mesh = mesh_of(&fleet, &hedged(None));
    warm(&mesh, 2).await;
    earn(&mesh, 150).await;
    let before = hedges(&mesh);
    // Slower than nearly all that came before. Those that were slow by chance
    // may have spent the share of hedges, so it takes as many calls as it takes.
    fleet[0].set_delay(Duration::from_millis(300));
    crate::fleet::until(async || {
        earn(&mesh, 1).await;
        hedges(&mesh) > before
    })
    .await;
}

#[tokio::test]
async fn a_hedge_spends_the_retry_budget() {
    let fleet = Replica::fleet(["a", "b"]).await;
    let mut policy = hedged(Some("1ms"));
    policy["retryBudget"] = json!({"percent": 0, "minRetriesPerSecond": 0});
    let mesh = mesh_of(&fleet, &policy);
    warm(&mesh, 2).await;
    for replica in &fleet {
        replica.set_delay(Duration::from_millis(5));
    }
    earn(&mesh, 60).await;
    assert_eq!(hedges(&mesh), 0);
}
