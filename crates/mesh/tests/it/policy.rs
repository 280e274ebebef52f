//! The policy document at work: read, replaced, refused.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use covergen_mesh::{
    ClientHooks, DecisionKind, FALLBACK_HEADER, Fallback, FallbackCall, Layers, Mesh, MeshConfig,
    MeshError, MeshPolicy, Registry,
};
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tonic::{Code, Request};
use tonic_types::StatusExt;

use crate::{
    fleet::{Replica, client, decided, mesh, mesh_of, mesh_with, until},
    probe::{READ, WRITE, lookup},
};

/// Puts another file in the place of `file`, whole, as Kubernetes does: one that
/// is written over may be read half-way.
fn replace(file: &NamedTempFile, text: &str) {
    let next = file.path().with_extension("next");
    std::fs::write(&next, text).unwrap();
    std::fs::rename(&next, file.path()).unwrap();
}

#[tokio::test]
async fn a_file_is_followed_and_a_broken_one_keeps_what_was() {
    let fleet = Replica::fleet(["a"]).await;
    fleet[0].set_broken(true);
    let file = NamedTempFile::new().unwrap();
    let attempts = |number: u32| {
        format!("version: v{number}\ndefaults:\n  retryPolicy: {{maxAttempts: {number}}}\n")
    };
    std::fs::write(&file, attempts(1)).unwrap();
    let mesh = mesh(json!({
        "targets": {"probe": {"address": fleet[0].url()}},
        "policy_file": file.path(),
        "policy_poll_ms": 10,
    }));
    let made = async |mesh: &Mesh| {
        fleet[0].forget_calls();
        client(mesh).text(READ).await.unwrap_err();
        fleet[0].calls()
    };
    assert_eq!(made(&mesh).await, 1);
    replace(&file, &attempts(2));
    until(async || mesh.snapshot().policy.version == "v2").await;
    assert_eq!(made(&mesh).await, 2);

    replace(
        &file,
        "version: v3\ndefaults:\n  retryPolicy: {maxAttempts: many}\n  tiemout: 1s\n",
    );
    until(async || !mesh.snapshot().policy.problems.is_empty()).await;
    let policy = mesh.snapshot().policy;
    assert_eq!(policy.version, "v2");
    let paths: Vec<_> = policy
        .problems
        .iter()
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(
        paths,
        ["defaults.tiemout", "defaults.retryPolicy.maxAttempts"]
    );
    let told = decided(&mesh.snapshot(), DecisionKind::Reload);
    assert!(told.last().unwrap().contains("tiemout"), "{told:?}");

    replace(&file, &attempts(1));
    until(async || mesh.snapshot().policy.version == "v1").await;
    assert!(mesh.snapshot().policy.problems.is_empty());
}

#[test]
fn a_wrong_policy_is_refused_at_the_start() {
    let config: MeshConfig =
        serde_json::from_value(json!({"policy": {"targets": {"probe": {"faults": [
            {"delay": {"fixedDelay": "1s"}}]}}}}))
        .unwrap();
    let error = Mesh::new(
        config,
        Registry::default(),
        "tester",
        ClientHooks::new(lookup),
    );
    let Err(MeshError::Policy(error)) = error.map(|_| ()) else {
        panic!("faults are not enabled");
    };
    assert_eq!(error.problems()[0].path, "targets.probe.faults");
}

#[tokio::test]
async fn faults_delay_and_abort_whom_they_are_for() {
    let fleet = Replica::fleet(["a"]).await;
    let mesh = mesh(json!({
        "targets": {"probe": {"address": fleet[0].url()}},
        "allow_faults": true,
        "policy": {"targets": {"probe": {"faults": [
            {"match": {"headers": [{"name": "x-chaos", "exactMatch": "abort"}]},
             "abort": {"grpcStatus": "RESOURCE_EXHAUSTED"}},
            {"match": {"headers": [{"name": "x-chaos", "exactMatch": "delay"}]},
             "delay": {"percentage": 100, "fixedDelay": "30ms"}},
            {"match": {"headers": [{"name": "x-chaos", "exactMatch": "never"}]},
             "abort": {"percentage": 0, "grpcStatus": "INTERNAL"}},
        ]}}},
    }));
    let ask = async |chaos: &'static str| {
        let mut request = Request::new(Bytes::new());
        request
            .metadata_mut()
            .insert("x-chaos", chaos.parse().unwrap());
        client(&mesh).unary(WRITE, request).await
    };
    let status = ask("abort").await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(fleet[0].calls(), 0);
    let began = Instant::now();
    ask("delay").await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(30));
    ask("never").await.unwrap();
    ask("none").await.unwrap();
    assert_eq!(decided(&mesh.snapshot(), DecisionKind::Fault).len(), 2);
}

/// Answers with what it was asked, in capitals.
struct Capitals;

impl Fallback for Capitals {
    fn answer<'a>(&'a self, call: &'a FallbackCall<'a>) -> BoxFuture<'a, Option<Bytes>> {
        Box::pin(async {
            let text = std::str::from_utf8(&call.message).ok()?;
            Some(Bytes::from(format!(
                "{} for {}",
                text.to_uppercase(),
                call.method
            )))
        })
    }
}

#[tokio::test]
async fn while_the_breaker_is_open_the_fallback_answers() {
    let fleet = Replica::fleet(["a"]).await;
    fleet[0].set_broken(true);
    let hooks = ClientHooks::new(lookup).with_fallback("capitals", Arc::new(Capitals));
    let mesh = mesh_with(
        json!({
            "targets": {"probe": {"address": fleet[0].url()}},
            "policy": {"targets": {"probe": {
                "methodConfig": [{"name": [{"service": "test.Probe", "method": "Write"}], "fallback": "capitals"}],
            }}},
        }),
        hooks,
    );
    for _ in 0..5 {
        // The target's own failures are its own.
        assert_eq!(
            client(&mesh).text(WRITE).await.unwrap_err().message(),
            "broken"
        );
    }
    let hello = Bytes::from_static(b"hello");
    let answer = client(&mesh).unary(WRITE, hello).await.unwrap();
    // Whoever keeps answers must be able to tell.
    assert!(answer.metadata().contains_key(FALLBACK_HEADER));
    assert_eq!(answer.into_inner(), "HELLO for /test.Probe/Write");
    assert_eq!(
        client(&mesh).text(READ).await.unwrap_err().code(),
        Code::Unavailable
    );
    assert_eq!(decided(&mesh.snapshot(), DecisionKind::Fallback).len(), 1);
    assert!(!decided(&mesh.snapshot(), DecisionKind::Breaker).is_empty());
}

fn off(replicas: &[Replica], policy: &Value) -> Mesh {
    mesh(json!({
        "layers": "off",
        "targets": {"probe": {"address": crate::fleet::address(replicas)}},
        "policy": policy,
    }))
}

#[tokio::test]
async fn switched_off_nothing_is_retried_balanced_ejected_or_broken() {
    let fleet = Replica::fleet(["a", "b"]).await;
    let policy = json!({"targets": {"probe": {"routes": [{"cluster": "probe"}]}}});
    let mesh = off(&fleet, &policy);
    assert_eq!(mesh.snapshot().layers, Layers::Off);
    for _ in 0..20 {
        client(&mesh).text(READ).await.unwrap();
    }
    assert_eq!(
        (fleet[0].calls(), fleet[1].calls()),
        (20, 0),
        "the proxy balances"
    );
    fleet[0].set_broken(true);
    fleet[0].forget_calls();
    for _ in 0..20 {
        assert_eq!(
            client(&mesh).text(READ).await.unwrap_err().message(),
            "broken"
        );
    }
    assert_eq!(fleet[0].calls(), 20, "no retry, and no breaker");
    let snapshot = mesh.snapshot();
    assert!(
        snapshot.targets["probe"]
            .endpoints
            .iter()
            .all(|endpoint| endpoint.ejected_for_ms.is_none())
    );
    // Deadlines stay.
    fleet[0].set_delay(Duration::from_secs(30));
    let mut request = Request::new(Bytes::new());
    request.set_timeout(Duration::from_millis(50));
    let status = client(&mesh).unary(READ, request).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_pool_bounds_a_dependency_and_sheds_with_a_time_to_come_back() {
    let mesh = mesh(json!({"pools": {"gpu": {"concurrent": 1, "pending": 0}}}));
    let sizes: Vec<_> = mesh
        .snapshot()
        .pools
        .into_iter()
        .map(|(name, pool)| (name, pool.size))
        .collect();
    let expected = [
        ("ai", 50),
        ("cache", 100),
        ("database", 30),
        ("database/read", 30),
        ("database/write", 30),
        ("gpu", 1),
    ];
    assert_eq!(sizes, expected.map(|(name, size)| (name.to_owned(), size)));
    assert!(mesh.dependency("tape").is_none());
    let pool = mesh.dependency("gpu").unwrap();
    let held = pool.enter().await.unwrap();
    let status = pool.enter().await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(
        status
            .get_details_retry_info()
            .unwrap()
            .retry_delay
            .is_some()
    );
    // The document may widen it while it is in use.
    mesh.apply(r#"{"pools": {"gpu": {"maxConcurrent": 2}}}"#)
        .unwrap();
    let second = pool.enter().await.unwrap();
    pool.enter().await.unwrap_err();
    drop((held, second));
    assert_eq!(mesh.snapshot().pools["gpu"].in_flight, 0);
}

#[tokio::test]
async fn users_of_a_dependency_have_rooms_of_their_own_as_large_as_its_is() {
    let mesh = mesh(json!({"pools": {"database/read": {"concurrent": 7}}}));
    let size = |mesh: &Mesh, name: &str| mesh.snapshot().pools[name].size;
    let writes = mesh.dependency("database/write").unwrap();
    assert_eq!(size(&mesh, "database/write"), 30);
    assert_eq!(size(&mesh, "database/read"), 7, "it has its own");
    mesh.apply(
        r#"{"pools": {"database": {"maxConcurrent": 1, "maxPending": 0}},
            "targets": {"cover": {"bulkhead": {"pool": "database"}}}}"#,
    )
    .unwrap();
    let _held = writes.enter().await.unwrap();
    let refused = writes.enter().await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    let reads = mesh.dependency("database/read").unwrap();
    let _one = reads.enter().await.unwrap();
    assert_eq!(size(&mesh, "database/read"), 1, "the document goes first");
    mesh.apply("{}").unwrap();
    assert_eq!(size(&mesh, "database/write"), 30);
    assert_eq!(size(&mesh, "database/read"), 7);
}

#[tokio::test]
async fn targets_of_one_pool_share_its_room() {
    let fleet = Replica::fleet(["a"]).await;
    fleet[0].set_delay(Duration::from_secs(30));
    let mesh = mesh(json!({
        "targets": {"probe": {"address": fleet[0].url()}},
        "pools": {"gpu": {"concurrent": 1, "pending": 0}},
        "policy": {"targets": {"probe": {"bulkhead": {"pool": "gpu"}}}},
    }));
    let mut first = client(&mesh);
    let running = tokio::spawn(async move { first.text(WRITE).await });
    until(async || fleet[0].calls() == 1).await;
    let status = client(&mesh).text(WRITE).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    running.abort();
}

/// All fail: no more is sent than the budget allows, which is a fifth and the
/// few a second.
#[tokio::test]
async fn a_total_outage_is_amplified_by_no_more_than_a_fifth() {
    let fleet = Replica::fleet(["a", "b"]).await;
    let mesh = mesh_of(
        &fleet,
        &json!({
            "circuitBreaker": {"consecutiveFailures": 10_000, "minimumRequests": 100_000},
            "retryBudget": {"percent": 20, "minRetriesPerSecond": 0},
        }),
    );
    for replica in &fleet {
        replica.set_broken(true);
    }
    for _ in 0..20 {
        let calls = (0..20).map(|_| async { client(&mesh).text(READ).await.unwrap_err() });
        futures::future::join_all(calls).await;
    }
    let sent = fleet[0].calls() + fleet[1].calls();
    assert!(sent <= 480, "{sent} for 400 calls");
    assert!(sent > 400, "some were retried");
}

/// What the handbook shows is what is read.
#[test]
fn the_handbook_s_document_is_right() {
    let page = include_str!("../../../../docs/operations/mesh-policy.md");
    let (_, rest) = page.split_once("```yaml\n").unwrap();
    let (document, _) = rest.split_once("```").unwrap();
    MeshPolicy::parse(document).unwrap();
}
