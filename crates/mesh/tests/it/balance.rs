//! Which endpoint is given a call, and which is taken out.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use covergen_mesh::{DecisionKind, Mesh};
use serde_json::{Value, json};
use tonic::Request;

use crate::{
    fleet::{Replica, client, decided, mesh_of, until, warm},
    probe::{LATE, READ, WRITE},
};

/// No ejection, no health checks: balancing alone.
fn plain(algorithm: &Value) -> Value {
    json!({
        "loadBalancingConfig": [algorithm],
        "outlierDetection": {"enabled": false},
        "healthCheckConfig": {"enabled": false},
        "circuitBreaker": {"consecutiveFailures": 10_000, "minimumRequests": 100_000},
    })
}

async fn calls(mesh: &Mesh, count: usize, at_once: usize) -> BTreeMap<String, usize> {
    let mut answers = BTreeMap::new();
    for _ in 0..count / at_once {
        let batch = (0..at_once).map(|_| async { client(mesh).text(WRITE).await });
        for answer in futures::future::join_all(batch).await {
            *answers
                .entry(answer.unwrap_or_else(|_| "failed".to_owned()))
                .or_default() += 1;
        }
    }
    answers
}

#[tokio::test]
async fn a_slow_endpoint_gets_little() {
    let fleet = Replica::fleet(["a", "b", "c"]).await;
    let mesh = mesh_of(&fleet, &plain(&json!({"p2c_peak_ewma": {}})));
    warm(&mesh, 3).await;
    // Far slower than whatever else this machine is doing makes the others.
    fleet[1].set_delay(Duration::from_millis(500));
    let answers = calls(&mesh, 300, 3).await;
    let slow = answers.get("b").copied().unwrap_or_default();
    assert!(slow <= 30, "a third would be 100: {answers:?}");
}

#[tokio::test]
async fn an_endpoint_that_fails_fast_attracts_nothing() {
    let fleet = Replica::fleet(["a", "b", "c"]).await;
    for replica in &fleet {
        replica.set_delay(Duration::from_millis(5));
    }
    let mesh = mesh_of(&fleet, &plain(&json!({"p2c_peak_ewma": {}})));
    warm(&mesh, 3).await;
    fleet[2].set_delay(Duration::ZERO);
    fleet[2].set_broken(true);
    let answers = calls(&mesh, 300, 3).await;
    let failed = answers.get("failed").copied().unwrap_or_default();
    assert!(failed <= 30, "a third would be 100: {answers:?}");
}

#[tokio::test]
async fn in_turn_is_in_turn() {
    let fleet = Replica::fleet(["a", "b", "c", "d"]).await;
    let mesh = mesh_of(&fleet, &plain(&json!({"round_robin": {}})));
    warm(&mesh, 4).await;
    let answers = calls(&mesh, 400, 1).await;
    assert_eq!(answers.values().copied().collect::<Vec<_>>(), [100; 4]);
}

#[tokio::test]
async fn least_request_spares_the_busy_one() {
    let fleet = Replica::fleet(["a", "b", "c"]).await;
    let mesh = mesh_of(
        &fleet,
        &plain(&json!({"least_request": {"choiceCount": 3}})),
    );
    warm(&mesh, 3).await;
    fleet[0].forget_calls();
    fleet[0].set_delay(Duration::from_secs(30));
    let busy: Vec<_> = (0..6)
        .map(|_| {
            let mut client = client(&mesh);
            tokio::spawn(async move { client.text(WRITE).await })
        })
        .collect();
    until(async || mesh.snapshot().targets["probe"].in_flight.calls == 2).await;
    assert_eq!(fleet[0].calls(), 2);
    let answers = calls(&mesh, 20, 1).await;
    assert_eq!(answers.get("a"), None, "{answers:?}");
    for call in busy {
        call.abort();
    }
}

#[tokio::test]
async fn a_key_keeps_to_its_endpoint_and_only_keys_of_the_one_that_goes_move() {
    let fleet = Replica::fleet(["a", "b", "c", "d"]).await;
    let mesh = mesh_of(&fleet, &plain(&json!({"ring_hash": {"header": "x-key"}})));
    warm(&mesh, 4).await;
    let owner = async |mesh: &Mesh, key: u32| {
        let mut request = Request::new(Bytes::new());
        request.metadata_mut().insert("x-key", key.into());
        let answer = client(mesh).unary(READ, request).await.unwrap();
        String::from_utf8(answer.into_inner().to_vec()).unwrap()
    };
    let mut before = BTreeMap::new();
    for key in 0..100 {
        before.insert(key, owner(&mesh, key).await);
        assert_eq!(
            owner(&mesh, key).await,
            before[&key],
            "the same key, the same endpoint"
        );
    }
    assert!(
        before
            .values()
            .collect::<std::collections::BTreeSet<_>>()
            .len()
            == 4
    );
    // The same endpoints without `d`: another mesh makes the same ring.
    let [a, b, c, _d] = fleet;
    let rest = [a, b, c];
    let fewer = mesh_of(&rest, &plain(&json!({"ring_hash": {"header": "x-key"}})));
    warm(&fewer, 3).await;
    for (key, owned_before) in before {
        let after = owner(&fewer, key).await;
        assert!(
            owned_before == "d" || owned_before == after,
            "{key} moved from {owned_before} to {after}"
        );
    }
}

#[tokio::test]
async fn an_endpoint_that_says_it_is_not_well_gets_nothing_until_it_is() {
    let fleet = Replica::fleet(["a", "b"]).await;
    let policy = json!({
        "loadBalancingConfig": [{"round_robin": {}}],
        "healthCheckConfig": {"interval": "10ms", "timeout": "1s"},
    });
    let mesh = mesh_of(&fleet, &policy);
    warm(&mesh, 2).await;
    fleet[0].set_healthy(false).await;
    until(async || healthy(&mesh) == 1).await;
    let answers = calls(&mesh, 20, 1).await;
    assert_eq!(answers, [("b".to_owned(), 20)].into());
    // Nobody is well: better somebody than nobody.
    fleet[1].set_healthy(false).await;
    until(async || healthy(&mesh) == 0).await;
    client(&mesh).text(WRITE).await.unwrap();
    fleet[0].set_healthy(true).await;
    until(async || healthy(&mesh) == 1).await;
    assert_eq!(calls(&mesh, 20, 1).await, [("a".to_owned(), 20)].into());
}

fn healthy(mesh: &Mesh) -> usize {
    let endpoints = mesh.snapshot().targets["probe"].endpoints.clone();
    endpoints.iter().filter(|endpoint| endpoint.healthy).count()
}

/// Nobody would ever say that it is well again.
#[tokio::test]
async fn an_unwell_endpoint_gets_load_again_once_nobody_is_asked_any_more() {
    let fleet = Replica::fleet(["a", "b"]).await;
    let policy = |health: Value| {
        json!({
            "loadBalancingConfig": [{"round_robin": {}}],
            "healthCheckConfig": health,
        })
    };
    let change = |mesh: &Mesh, health: Value| {
        let document = json!({"targets": {"probe": policy(health)}});
        mesh.apply(&document.to_string()).unwrap();
    };
    let mesh = mesh_of(&fleet, &policy(json!({"interval": "3600s"})));
    warm(&mesh, 2).await;
    fleet[0].set_healthy(false).await;
    // Who is asked once an hour is asked sooner as soon as that is wanted.
    change(&mesh, json!({"interval": "10ms"}));
    until(async || healthy(&mesh) == 1).await;
    change(&mesh, json!({"enabled": false}));
    assert_eq!(healthy(&mesh), 2);
    let answers = calls(&mesh, 20, 1).await;
    assert_eq!(answers.values().copied().collect::<Vec<_>>(), [10; 2]);
}

fn ejecting(base: &str) -> Value {
    json!({
        "loadBalancingConfig": [{"round_robin": {}}],
        "healthCheckConfig": {"enabled": false},
        "outlierDetection": {"baseEjectionTime": base, "consecutiveFailures": 5},
        "slowStart": "10ms",
        "retryPolicy": {"maxAttempts": 1},
        "circuitBreaker": {"consecutiveFailures": 10_000, "minimumRequests": 100_000},
    })
}

fn ejected(mesh: &Mesh) -> usize {
    let endpoints = mesh.snapshot().targets["probe"].endpoints.clone();
    endpoints
        .iter()
        .filter(|endpoint| endpoint.ejected_for_ms.is_some())
        .count()
}

#[tokio::test]
async fn five_failures_in_a_row_take_an_endpoint_out_and_it_comes_back() {
    let fleet = Replica::fleet(["a", "b", "c"]).await;
    let mesh = mesh_of(&fleet, &ejecting("3s"));
    warm(&mesh, 3).await;
    fleet[0].set_broken(true);
    fleet[0].forget_calls();
    let answers = calls(&mesh, 60, 1).await;
    assert_eq!(answers["failed"], 5, "{answers:?}");
    assert_eq!(ejected(&mesh), 1);
    let told = decided(&mesh.snapshot(), DecisionKind::Eject);
    assert!(told[0].contains("consecutive failures"), "{told:?}");
    fleet[0].set_broken(false);
    fleet[0].forget_calls();
    until(async || {
        client(&mesh).text(WRITE).await.unwrap();
        fleet[0].calls() > 3
    })
    .await;
}

#[tokio::test]
async fn whoever_is_out_comes_back_when_nobody_is_taken_out_any_more() {
    let fleet = Replica::fleet(["a", "b"]).await;
    let mesh = mesh_of(&fleet, &ejecting("60s"));
    warm(&mesh, 2).await;
    fleet[0].set_broken(true);
    calls(&mesh, 20, 1).await;
    assert_eq!(ejected(&mesh), 1);
    let mut policy = ejecting("60s");
    policy["outlierDetection"] = json!({"enabled": false});
    let document = json!({"targets": {"probe": policy}});
    mesh.apply(&document.to_string()).unwrap();
    assert_eq!(ejected(&mesh), 0);
    assert_eq!(calls(&mesh, 20, 1).await["failed"], 10);
}

#[tokio::test]
async fn no_more_than_half_are_taken_out_and_never_the_last() {
    let fleet = Replica::fleet(["a", "b", "c", "d"]).await;
    let mesh = mesh_of(&fleet, &ejecting("60s"));
    warm(&mesh, 4).await;
    for replica in &fleet {
        replica.set_broken(true);
    }
    calls(&mesh, 100, 1).await;
    assert_eq!(ejected(&mesh), 2);
    let alone = Replica::fleet(["alone"]).await;
    let mesh = mesh_of(&alone, &ejecting("60s"));
    warm(&mesh, 1).await;
    alone[0].set_broken(true);
    calls(&mesh, 20, 1).await;
    assert_eq!(ejected(&mesh), 0);
}

#[tokio::test]
async fn a_bad_success_rate_takes_an_endpoint_out() {
    let fleet = Replica::fleet(["a", "b", "c"]).await;
    let mut policy = ejecting("60s");
    policy["outlierDetection"] = json!({
        "interval": "10ms",
        "consecutiveFailures": 10_000,
        "failurePercentageEjection": {"threshold": 40, "minimumHosts": 2, "requestVolume": 10},
    });
    let mesh = mesh_of(&fleet, &policy);
    warm(&mesh, 3).await;
    let mut turn = false;
    // It fails every other time, so never twice in a row.
    until(async || {
        turn = !turn;
        fleet[1].set_broken(turn);
        calls(&mesh, 3, 1).await;
        ejected(&mesh) == 1
    })
    .await;
    let told = decided(&mesh.snapshot(), DecisionKind::Eject);
    assert!(
        told[0].starts_with(&fleet[1].server.address.to_string()),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_half_of_the_endpoints_dead_no_call_fails() {
    let [a, b, c, d] = Replica::fleet(["a", "b", "c", "d"]).await;
    let addresses = [&a, &b, &c, &d].map(Replica::url).join(",");
    a.server.stop().await;
    c.server.stop().await;
    let mesh = crate::fleet::mesh(json!({"targets": {"probe": {"address": addresses}}}));
    let answers = calls(&mesh, 400, 8).await;
    assert_eq!(
        answers.keys().collect::<Vec<_>>(),
        ["b", "d"],
        "{answers:?}"
    );
}

/// A call that fails because its endpoint died in the middle of it is the
/// only one that may: whoever comes later goes elsewhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_one_of_four_dies_only_what_it_had_fails() {
    let [a, b, c, d] = Replica::fleet(["a", "b", "c", "d"]).await;
    let fleet = [a, b, c, d];
    let mesh = mesh_of(&fleet, &json!({"retryPolicy": {"maxAttempts": 1}}));
    warm(&mesh, 4).await;
    let [a, _b, _c, _d] = fleet;
    let stopping = tokio::spawn(a.server.stop());
    let answers = calls(&mesh, 800, 8).await;
    stopping.await.unwrap();
    let failed = answers.get("failed").copied().unwrap_or_default();
    assert!(failed <= 5, "{answers:?}");
    assert_eq!(calls(&mesh, 200, 8).await.get("failed"), None);
}

/// A replica on a thread of its own, which can be ended as a killed process
/// ends: with everything it had open.
struct Mortal {
    replica: Replica,
    runtime: tokio::runtime::Runtime,
}

impl Mortal {
    async fn start(name: &'static str) -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().unwrap();
        let replica = runtime.spawn(Replica::start(name)).await.unwrap();
        Self { replica, runtime }
    }

    fn kill(self) {
        self.runtime.shutdown_background();
    }
}

/// One endpoint's death is not the target's: the calls it had are made again
/// elsewhere, and the breaker stays closed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_endpoint_with_many_calls_in_flight_fails_none_that_may_be_repeated() {
    no_call_fails_when_one_is_killed_at(READ).await;
}

/// Nor where the answers had begun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_endpoint_in_the_middle_of_its_answers_fails_none_that_may_be_repeated() {
    no_call_fails_when_one_is_killed_at(LATE).await;
}

async fn no_call_fails_when_one_is_killed_at(method: &'static str) {
    let mortal = Mortal::start("mortal").await;
    let fleet = Replica::fleet(["b", "c", "d"]).await;
    let addresses = format!("{},{}", mortal.replica.url(), crate::fleet::address(&fleet));
    let mesh = crate::fleet::mesh(json!({
        "targets": {"probe": {"address": addresses}},
        "policy": {"defaults": {"loadBalancingConfig": [{"round_robin": {}}]}},
    }));
    warm(&mesh, 4).await;
    mortal.replica.set_delay(Duration::from_secs(30));
    mortal.replica.forget_calls();
    let calls: Vec<_> = (0..60)
        .map(|_| {
            let mut client = client(&mesh);
            tokio::spawn(async move { client.text(method).await })
        })
        .collect();
    until(async || mortal.replica.calls() == 15).await;
    mortal.kill();
    for call in calls {
        let answer = call.await.unwrap();
        assert!(answer.is_ok(), "{answer:?}");
    }
    let breaker = mesh.snapshot().targets["probe"].breaker.state;
    assert_eq!(breaker, covergen_mesh::CircuitState::Closed);
}
