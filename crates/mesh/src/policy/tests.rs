//! What a document may say, and what it is told when it says something else.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::{
    balance::Algorithm,
    config::Policy,
    policy::{cluster::DiscoveryPolicy, method::MethodRules},
};

fn read(value: &Value) -> Result<MeshPolicy, PolicyError> {
    MeshPolicy::read(value, None)
}

fn problems(value: &Value) -> Vec<String> {
    let error = read(value).unwrap_err();
    let told = |Problem { path, problem }: &Problem| format!("{path}: {problem}");
    error.problems().iter().map(told).collect()
}

#[test]
fn json_and_yaml_say_the_same() {
    let yaml = "
version: 7
targets:
  cover:
    timeout: 1.5s
    loadBalancingConfig: [{ring_hash: {header: x-user-id}}]
    discovery: {static: ['http://a:1']}
";
    let json = r#"{"version": 7, "targets": {"cover": {"timeout": "1500ms",
        "loadBalancingConfig": [{"ring_hash": {"header": "x-user-id"}}],
        "discovery": {"static": ["http://a:1"]}}}}"#;
    let policy = MeshPolicy::parse(yaml).unwrap();
    assert_eq!(policy, MeshPolicy::parse(json).unwrap());
    let cover = &policy.targets["cover"];
    assert_eq!(policy.version, "7");
    assert_eq!(cover.numbers.deadline_ms, Some(1_500));
    assert!(matches!(cover.discovery, Some(DiscoveryPolicy::Static(_))));
    let rules = cover.balance(&policy.defaults, true);
    assert!(matches!(rules.algorithm, Algorithm::RingHash { .. }));
}

#[test]
fn every_mistake_is_told_at_once_with_its_path() {
    let value = json!({
        "verson": 1,
        "defaults": {"circuitBreaker": {"failurePercentage": 101}, "routes": []},
        "targets": {"cover": {
            "timeout": "soon",
            "methodConfig": [
                {"timeout": "1s"},
                {"name": [{"method": "M"}], "retryPolicy": {"maxAttempts": 99,
                    "retryableStatusCodes": ["UNAVAILABLE", "INTERNAL"]}},
            ],
            "routes": [{"weightedClusters": [{"name": "a", "weight": 0}]}],
            "faults": [{"abort": {"percentage": 120, "grpcStatus": "OK"}}],
            "discovery": {"dns": "cover", "file": "/x"},
        }},
    });
    let told = problems(&value);
    for expected in [
        "verson: unknown; allowed here are [\"version\"",
        "defaults.circuitBreaker.failurePercentage: expected a whole number from 1 to 100, not 101",
        "defaults.routes: unknown",
        "targets.cover.timeout: expected a time",
        "targets.cover.methodConfig[0]: a `methodConfig` needs the `name`",
        "targets.cover.methodConfig[1].name[0]: a `method` is named together",
        "targets.cover.methodConfig[1].retryPolicy.maxAttempts: expected a whole number from 1 to 10",
        "targets.cover.methodConfig[1].retryPolicy.retryableStatusCodes[1]: allowed is",
        "targets.cover.routes[0].weightedClusters: one of the weights",
        "targets.cover.faults[0].abort.grpcStatus: expected the name of a status",
        "targets.cover.faults[0].abort.percentage: expected a number from 0 to 100",
        "targets.cover.discovery: expected one of",
    ] {
        assert!(
            told.iter().any(|told| told.starts_with(expected)),
            "{expected} is not in {told:#?}"
        );
    }
    assert_eq!(told.len(), 12, "{told:#?}");
}

#[test]
fn the_most_specific_method_entry_decides() {
    let policy = read(&json!({"targets": {"cover": {"methodConfig": [
        {"name": [{}], "timeout": "1s"},
        {"name": [{"service": "p.S", "method": "M"}], "timeout": "3s"},
        {"name": [{"service": "p.S"}], "timeout": "2s"},
    ]}}}))
    .unwrap();
    let timeout = |path| {
        let entries = policy.targets["cover"].methods.iter();
        let fitting = entries.filter_map(|entry| Some((entry.fit(path)?, &entry.rules)));
        fitting.max_by_key(|(fit, _)| *fit).unwrap().1.timeout_ms
    };
    assert_eq!(timeout("/p.S/M"), Some(3_000));
    assert_eq!(timeout("/p.S/N"), Some(2_000));
    assert_eq!(timeout("/p.SX/M"), Some(1_000));
    assert_eq!(MethodRules::NOTHING, MethodRules::default());
}

#[test]
fn what_it_refers_to_must_exist_and_faults_must_be_enabled() {
    let value = json!({"targets": {"cover": {
        "bulkhead": {"pool": "gpu"},
        "methodConfig": [{"name": [{}], "fallback": "cached"}],
        "routes": [{"cluster": "canary"}, {"cluster": "cover"}],
        "faults": [{"delay": {"fixedDelay": "10ms"}}],
    }}});
    let error = MeshPolicy::read(&value, Some(&Known::default())).unwrap_err();
    let mut paths: Vec<_> = error
        .problems()
        .iter()
        .map(|problem| problem.path.as_str())
        .collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "targets.cover.bulkhead.pool",
            "targets.cover.faults",
            "targets.cover.methodConfig[0].fallback",
            "targets.cover.routes[0]",
        ]
    );
    let known = Known {
        targets: [("canary".to_owned(), PolicyConfig::default())].into(),
        fallbacks: ["cached".to_owned()].into(),
        pools: ["gpu".to_owned()].into(),
        faults_allowed: true,
        ..Known::default()
    };
    MeshPolicy::read(&value, Some(&known)).unwrap();
}

#[test]
fn times_are_read_as_protobuf_writes_them() {
    for (text, expected) in [
        ("1.5s", Some(1_500)),
        ("250ms", Some(250)),
        ("0.25s", Some(250)),
        ("5", None),
        ("-1s", None),
        ("1e3s", None),
        ("s", None),
        ("99999999999999999999s", None),
    ] {
        let read = read(&json!({"defaults": {"timeout": text}}));
        let ms = read
            .ok()
            .and_then(|policy| policy.defaults.numbers.deadline_ms);
        assert_eq!(ms, expected, "{text:?}");
    }
    let slow = read(&json!({"defaults": {"slowStart": "0s"}})).unwrap();
    let rules = TargetPolicy::default().balance(&slow.defaults, true);
    assert_eq!(rules.slow_start, Duration::ZERO);
}

#[test]
fn a_document_that_is_no_document_is_told_so() {
    for text in [
        "[1, 2]",
        "just words",
        "{\"targets\": 5}",
        "a: [",
        "targets:\n  cover: 3\n",
    ] {
        assert!(
            !MeshPolicy::parse(text).unwrap_err().problems().is_empty(),
            "{text:?}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,80}") {
        let _ = MeshPolicy::parse(&text);
    }
}

/// What the handbook says holds when nothing is said.
#[test]
fn the_handbook_s_defaults_are_those_that_hold() {
    let page = include_str!("../../../../docs/operations/mesh-policy.md");
    let (_, rest) = page.split_once("```yaml\n").unwrap();
    let (document, _) = rest.split_once("```").unwrap();
    let written = MeshPolicy::parse(document).unwrap().defaults;
    let nothing = TargetPolicy::default();
    assert_eq!(
        Policy::resolve(&[&written.numbers]),
        Policy::resolve(&[&nothing.numbers])
    );
    let balance = |level: &TargetPolicy| level.balance(&nothing, true);
    assert_eq!(balance(&written), balance(&nothing));
}
