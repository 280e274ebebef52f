//! What a document is told that says something wrong of the rest of the mesh.

use serde_json::{Value, json};

use super::*;
use crate::{
    MethodFacts,
    config::PolicyConfig,
    policy::{PolicyError, Problem, Sticky},
};

fn read(value: &Value) -> Result<MeshPolicy, PolicyError> {
    MeshPolicy::read(value, None)
}

/// What a document is told by itself.
fn problems(value: &Value) -> Vec<String> {
    in_words(read(value))
}

fn in_words(read: Result<MeshPolicy, PolicyError>) -> Vec<String> {
    let Err(error) = read else { return Vec::new() };
    let told = |Problem { path, problem }: &Problem| format!("{path}: {problem}");
    error.problems().iter().map(told).collect()
}

/// What a process that knows the rest of the mesh says of a document.
fn told(value: &Value, known: &Known) -> Vec<String> {
    in_words(MeshPolicy::read(value, Some(known)))
}

#[track_caller]
fn assert_told(value: &Value, known: &Known, expected: &[&str]) {
    let told = told(value, known);
    let fits = told.len() == expected.len()
        && told
            .iter()
            .zip(expected)
            .all(|(told, expected)| told.starts_with(expected));
    assert!(fits, "{told:#?} is not {expected:#?}");
}

#[test]
fn times_that_only_the_levels_together_turn_around_are_told() {
    let known = Known {
        targets: [(
            "cover".to_owned(),
            PolicyConfig {
                breaker_open_min_ms: Some(500),
                ..PolicyConfig::default()
            },
        )]
        .into(),
        ..Known::default()
    };
    // Against the longest that holds where nobody says any.
    let alone = json!({"targets": {"x": {"circuitBreaker": {"baseOpenTime": "90s"}}}});
    let expected = [
        "targets.x.circuitBreaker: `baseOpenTime` must not be longer than `maxOpenTime`: with what the other levels say they are 90s and 60s",
    ];
    assert_told(&alone, &known, &expected);
    assert_eq!(problems(&alone).len(), 1, "by itself as well");
    // Against the defaults of the document, and they against the configuration.
    let both = json!({
        "defaults": {
            "circuitBreaker": {"baseOpenTime": "100ms", "maxOpenTime": "200ms"},
            "retryPolicy": {"initialBackoff": "1s"},
        },
        "targets": {"x": {
            "circuitBreaker": {"baseOpenTime": "1s"},
            "retryPolicy": {"maxBackoff": "2s"},
        }},
    });
    let expected = [
        "targets.x.circuitBreaker: ",
        "defaults.retryPolicy: `initialBackoff` must not be longer than `maxBackoff`",
    ];
    assert_told(&both, &known, &expected);
    let configured = json!({"defaults": {"circuitBreaker": {"maxOpenTime": "400ms"}}});
    let expected = [
        "defaults.circuitBreaker: ",
        "targets.cover.circuitBreaker: ",
    ];
    assert_told(&configured, &known, &expected);
    let right = json!({"targets": {"x": {"circuitBreaker": {"baseOpenTime": "60s"}}}});
    assert_told(&right, &known, &[]);
}

fn facts(path: &str) -> Option<MethodFacts> {
    let read = MethodFacts {
        idempotent: true,
        deadline_ms: None,
        client_streaming: false,
        server_streaming: false,
    };
    match path {
        "/p.S/Read" => Some(read),
        "/p.S/Write" => Some(MethodFacts {
            idempotent: false,
            ..read
        }),
        "/p.S/Watch" => Some(MethodFacts {
            server_streaming: true,
            ..read
        }),
        _ => None,
    }
}

#[test]
fn what_is_said_of_a_method_must_be_for_it() {
    let known = Known {
        lookup: Some(facts),
        services: Some(|name| name == "p.S"),
        fallbacks: ["cached".to_owned()].into(),
        ..Known::default()
    };
    let of = |method: &str, rules: &Value| {
        let mut entry = rules.clone();
        entry["name"] = json!([{"service": "p.S", "method": method}]);
        json!({"targets": {"cover": {"methodConfig": [entry]}}})
    };
    let (hedged, answered) = (json!({"hedgingPolicy": {}}), json!({"fallback": "cached"}));
    let at = "targets.cover.methodConfig[0]";
    for (document, expected) in [
        (
            of("Raed", &hedged),
            format!("{at}.name[0]: there is no method /p.S/Raed"),
        ),
        (
            of("Write", &hedged),
            format!("{at}.hedgingPolicy: /p.S/Write cannot be sent twice"),
        ),
        (
            of("Watch", &hedged),
            format!("{at}.hedgingPolicy: /p.S/Watch cannot be sent twice"),
        ),
        (
            of("Watch", &answered),
            format!("{at}.fallback: /p.S/Watch is a stream"),
        ),
    ] {
        assert_told(&document, &known, &[&expected]);
    }
    for document in [
        of("Read", &hedged),
        of("Read", &answered),
        of("Write", &answered),
    ] {
        assert_told(&document, &known, &[]);
    }
    let misspelt =
        json!({"defaults": {"methodConfig": [{"name": [{"service": "p.Z"}], "timeout": "1s"}]}});
    let told = "defaults.methodConfig[0].name[0]: there is no service p.Z in any contract";
    assert_told(&misspelt, &known, &[told]);
    // A whole service's entry is for those of its methods that it fits.
    let all = json!({"defaults": {"methodConfig": [{"name": [{"service": "p.S"}], "hedgingPolicy": {}}]}});
    assert_told(&all, &known, &[]);
}

#[test]
fn a_route_leads_where_somebody_says_there_is_something() {
    let known = Known {
        sources: ["found".to_owned()].into(),
        ..Known::default()
    };
    let document = |canary: &Value| {
        json!({"targets": {
            "cover": {"routes": [{"cluster": "canary"}, {"cluster": "cover"}, {"cluster": "found"}]},
            "canary": canary,
        }})
    };
    let nowhere = document(&json!({"timeout": "1s"}));
    let expected = ["targets.cover.routes[0]: there is no target \"canary\" to route to: neither"];
    assert_told(&nowhere, &known, &expected);
    let somewhere = document(&json!({"discovery": {"static": ["http://canary:1"]}}));
    assert_told(&somewhere, &known, &[]);
}

#[test]
fn a_target_that_nobody_knows_is_told() {
    let known = Known {
        targets: [("elsewhere".to_owned(), PolicyConfig::default())].into(),
        sources: ["found".to_owned()].into(),
        owners: Some(|name| name == "cover"),
        ..Known::default()
    };
    let document = |name: &str, of_it: &Value| json!({"targets": {name: of_it}});
    let brief = json!({"timeout": "1s"});
    let told = "targets.covr: there is no such target";
    assert_told(&document("covr", &brief), &known, &[told]);
    for name in ["cover", "elsewhere", "found"] {
        assert_told(&document(name, &brief), &known, &[]);
    }
    let placed = json!({"timeout": "1s", "discovery": {"static": ["http://canary:1"]}});
    assert_told(&document("canary", &placed), &known, &[]);
}

#[test]
fn what_says_two_things_at_once_or_too_much_is_told() {
    let of = |field: &str, value: Value| {
        let mut document = json!({"targets": {"x": {}}});
        document["targets"]["x"][field] = value;
        problems(&document)
    };
    let routed = |route: Value| of("routes", json!([route]));
    let places = |count: u32| {
        let places = (0..count).map(|at| format!("http://h{at}:1"));
        of("discovery", json!({"static": places.collect::<Vec<_>>()}))
    };
    let sticky = |sticky: Value| routed(json!({"cluster": "x", "sticky": sticky}));
    for (told, expected) in [
        (
            of(
                "loadBalancingConfig",
                json!([{"round_robin": {}, "ring_hash": {"header": "x-a"}}]),
            ),
            "targets.x.loadBalancingConfig[0]: expected one of",
        ),
        (
            sticky(json!({"header": "x-a", "principal": true})),
            "targets.x.routes[0].sticky: expected {\"header\"",
        ),
        (
            sticky(json!({"header": "x-a", "principal": "yes"})),
            "targets.x.routes[0].sticky.principal: expected true or false",
        ),
        (
            routed(json!({"weightedClusters": [
                {"name": "x", "weight": 1}, {"name": "y", "weight": 1}, {"name": "x", "weight": 2},
            ]})),
            "targets.x.routes[0].weightedClusters: \"x\" stands here twice",
        ),
        (
            places(257),
            "targets.x.discovery.static: at most 256 endpoints, not 257",
        ),
        (
            of("discovery", json!({"file": "endpoints.yaml"})),
            "targets.x.discovery.file: expected the whole path",
        ),
    ] {
        assert!(
            told.first().is_some_and(|told| told.starts_with(expected)),
            "{told:?}: {expected}"
        );
    }
    assert_eq!(
        read(&json!({"targets": {"x": {"discovery": {"file": "/etc/x"}}}})).err(),
        None
    );
    assert_eq!(
        sticky_of("header", json!("x-a")),
        Some(Sticky::Header("x-a".parse().unwrap()))
    );
    assert_eq!(sticky_of("principal", json!(true)), Some(Sticky::Principal));
}

fn sticky_of(kind: &str, value: Value) -> Option<Sticky> {
    let mut sticky = json!({});
    sticky[kind] = value;
    let policy = read(&json!({"targets": {"x": {"routes": [{"cluster": "x", "sticky": sticky}]}}}));
    policy.unwrap().targets["x"].routes[0].sticky.clone()
}
