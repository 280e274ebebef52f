//! Calls that go by other ways than the straight one.

use std::collections::BTreeMap;

use bytes::Bytes;
use covergen_mesh::{CallContext, Caller, ClientHooks, Mesh, principal_key};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use tonic::Request;

use crate::{
    fleet::{Replica, client, mesh_with},
    probe::{READ, lookup},
};

fn routed(stable: &Replica, canary: &Replica, routes: &Value) -> Mesh {
    let hooks = ClientHooks::new(lookup)
        .with_principal_key(|caller| caller.get::<String>().map(|name| principal_key(name)));
    let config = json!({
        "targets": {
            "probe": {"address": stable.url()},
            "probe-canary": {"address": canary.url()},
        },
        "policy": document(routes),
    });
    mesh_with(config, hooks)
}

fn document(routes: &Value) -> Value {
    json!({"targets": {"probe": {"routes": routes}}})
}

async fn ask(mesh: &Mesh, header: Option<(&'static str, &str)>) -> String {
    let mut request = Request::new(Bytes::new());
    if let Some((name, value)) = header {
        request.metadata_mut().insert(name, value.parse().unwrap());
    }
    let answer = client(mesh).unary(READ, request).await.unwrap();
    String::from_utf8(answer.into_inner().to_vec()).unwrap()
}

async fn shares(mesh: &Mesh, calls: usize) -> BTreeMap<String, usize> {
    let mut shares = BTreeMap::new();
    for _ in 0..calls {
        *shares.entry(ask(mesh, None).await).or_default() += 1;
    }
    shares
}

fn weighted(stable: u32, canary: u32) -> Value {
    json!([{
        "name": "probe", "weight": stable,
    }, {
        "name": "probe-canary", "weight": canary,
    }])
}

#[tokio::test]
async fn weights_are_kept_and_changed_live() {
    let [stable, canary] = Replica::fleet(["stable", "canary"]).await;
    let mesh = routed(
        &stable,
        &canary,
        &json!([{"weightedClusters": weighted(90, 10)}]),
    );
    let shares_at = shares(&mesh, 1_000).await;
    // Ten standard deviations on either side of 100.
    assert!((5..=195).contains(&shares_at["canary"]), "{shares_at:?}");
    let split = &mesh.snapshot().targets["probe"].splits[0];
    assert_eq!(split["probe-canary"], 10);

    let all = document(&json!([{"weightedClusters": weighted(0, 1)}]));
    mesh.apply(&all.to_string()).unwrap();
    assert_eq!(shares(&mesh, 50).await, [("canary".to_owned(), 50)].into());
    mesh.apply("{}").unwrap();
    assert_eq!(shares(&mesh, 50).await, [("stable".to_owned(), 50)].into());
}

#[tokio::test]
async fn a_header_sends_a_call_to_the_beta() {
    let [stable, beta] = Replica::fleet(["stable", "beta"]).await;
    let routes = json!([{
        "match": {"headers": [{"name": "x-user-type", "exactMatch": "beta"}]},
        "cluster": "probe-canary",
    }]);
    let mesh = routed(&stable, &beta, &routes);
    assert_eq!(ask(&mesh, Some(("x-user-type", "beta"))).await, "beta");
    assert_eq!(ask(&mesh, Some(("x-user-type", "alpha"))).await, "stable");
    assert_eq!(ask(&mesh, None).await, "stable");
}

#[tokio::test]
async fn who_is_to_stay_stays_by_header() {
    let [stable, canary] = Replica::fleet(["stable", "canary"]).await;
    let routes = json!([{
        "weightedClusters": weighted(1, 1),
        "sticky": {"header": "x-session"},
    }]);
    let mesh = routed(&stable, &canary, &routes);
    let mut first = BTreeMap::new();
    for session in 0..40 {
        let session = session.to_string();
        let went = ask(&mesh, Some(("x-session", &session))).await;
        for _ in 0..3 {
            assert_eq!(ask(&mesh, Some(("x-session", &session))).await, went);
        }
        first.insert(session, went);
    }
    let canaries = first.values().filter(|went| *went == "canary").count();
    assert!((5..=35).contains(&canaries), "{first:?}");
}

#[tokio::test]
async fn who_is_to_stay_stays_by_principal() {
    let [stable, canary] = Replica::fleet(["stable", "canary"]).await;
    let routes = json!([{
        "weightedClusters": weighted(1, 1),
        "sticky": {"principal": true},
    }]);
    let mesh = routed(&stable, &canary, &routes);
    let mut seen = std::collections::BTreeSet::new();
    for user in 0..20 {
        let context = CallContext::background().with_caller(Caller::new(format!("usr_{user}")));
        let went = context.scope(ask(&mesh, None)).await;
        for _ in 0..3 {
            assert_eq!(context.scope(ask(&mesh, None)).await, went);
        }
        seen.insert(went);
    }
    assert_eq!(seen.len(), 2);
}

/// Nobody calls it by its own name, and it is counted by it.
#[tokio::test]
async fn a_canary_is_seen_and_counted_apart_for_as_long_as_there_is_one() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    // This runtime has one thread, so every call of the test reports here.
    let _recording = metrics::set_default_local_recorder(&recorder);
    let [stable, canary] = Replica::fleet(["stable", "canary"]).await;
    let mesh = mesh_with(
        json!({"targets": {"probe": {"address": stable.url()}}}),
        ClientHooks::new(lookup),
    );
    let mut document = document(&json!([{"weightedClusters": weighted(0, 1)}]));
    document["targets"]["probe-canary"] = json!({"discovery": {"static": [canary.url()]}});
    mesh.apply(&document.to_string()).unwrap();
    shares(&mesh, 3).await;
    let seen = mesh.snapshot();
    assert_eq!(seen.targets["probe-canary"].address, canary.url());
    assert_eq!(seen.targets["probe-canary"].endpoints.len(), 1);

    let one_of_two = self::document(&json!([{"weightedClusters": weighted(1, 0)}]));
    mesh.apply(&one_of_two.to_string()).unwrap_err();
    mesh.apply("{}").unwrap();
    shares(&mesh, 2).await;
    let seen = mesh.snapshot();
    assert_eq!(seen.targets.keys().collect::<Vec<_>>(), ["probe"]);

    let rendered = handle.render();
    let counted = |target: &str| {
        let label = format!("target=\"{target}\"");
        let lines = rendered.lines().filter(|line| {
            line.starts_with("mesh_client_requests_total{") && line.contains(&label)
        });
        let counts = lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u32>().unwrap());
        counts.sum::<u32>()
    };
    assert_eq!(
        (counted("probe-canary"), counted("probe")),
        (3, 2),
        "{rendered}"
    );
}

/// A canary that fails opens its own breaker and not that of the stable one.
#[tokio::test]
async fn a_failing_canary_is_cut_off_alone() {
    let [stable, canary] = Replica::fleet(["stable", "canary"]).await;
    canary.set_broken(true);
    let routes = json!([{
        "match": {"headers": [{"name": "x-user-type", "exactMatch": "beta"}]},
        "cluster": "probe-canary",
    }]);
    let mesh = routed(&stable, &canary, &routes);
    for _ in 0..10 {
        let mut request = Request::new(Bytes::new());
        request
            .metadata_mut()
            .insert("x-user-type", "beta".parse().unwrap());
        client(&mesh).unary(READ, request).await.unwrap_err();
    }
    let before = canary.calls();
    let mut request = Request::new(Bytes::new());
    request
        .metadata_mut()
        .insert("x-user-type", "beta".parse().unwrap());
    client(&mesh).unary(READ, request).await.unwrap_err();
    assert_eq!(canary.calls(), before, "its breaker is open");
    assert_eq!(ask(&mesh, None).await, "stable");
}
