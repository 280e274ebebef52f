//! The rules that Prometheus watches by: what is recorded, and what wakes
//! somebody up.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::callers::Callers;
use super::roster::ROSTER;
use super::yaml::documents;

/// Codes that are the server's fault.
pub(crate) const FAULTS: &str = "code=~\"DATA_LOSS|DEADLINE_EXCEEDED|INTERNAL|UNAVAILABLE|UNKNOWN\"";

/// Windows over which faults are counted, shortest first.
const WINDOWS: [&str; 7] = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];

/// How fast a budget may burn: factor, long window, short window, severity.
/// Both windows have to agree: the long one that it matters, the short one
/// that it goes on.
const BURNS: [(f64, &str, &str, &str); 4] = [
    (14.4, "1h", "5m", "page"),
    (6.0, "6h", "30m", "page"),
    (3.0, "1d", "2h", "ticket"),
    (1.0, "3d", "6h", "ticket"),
];

/// Calls in the long window below which a burn says nothing.
const FEWEST_CALLS: u32 = 50;

struct Alert {
    name: &'static str,
    expr: String,
    lasting: &'static str,
    severity: &'static str,
    /// The window that alerts of one name differ by.
    window: Option<&'static str>,
    summary: &'static str,
}

/// Every file of rules by its name.
pub(crate) fn files(callers: &Callers) -> Vec<(&'static str, String)> {
    let file = |groups: Value| documents(&[json!({"groups": groups})]);
    let group = |name: &str, rules: Vec<Value>| json!([{"name": name, "rules": rules}]);
    vec![
        ("alerts.yaml", file(group("covergen-alerts", alerts(callers).iter().map(alert).collect()))),
        ("slo.yaml", file(json!([
            {"name": "covergen-slo-recorded", "rules": recordings()},
            {"name": "covergen-slo", "rules": burns().iter().map(alert).collect::<Vec<_>>()},
        ]))),
    ]
}

fn alert(alert: &Alert) -> Value {
    let mut labels = json!({"severity": alert.severity});
    if let Some(window) = alert.window {
        labels["window"] = json!(window);
    }
    json!({
        "alert": alert.name,
        "expr": alert.expr,
        "for": alert.lasting,
        "labels": labels,
        "annotations": {"summary": alert.summary},
    })
}

/// What does not depend on a service's promise.
fn alerts(callers: &Callers) -> Vec<Alert> {
    let streams: Vec<&str> = callers.streams().collect();
    let unary = match streams.is_empty() {
        true => String::new(),
        // A stream lasts as long as somebody listens.
        false => format!("{{method!~\".*({})\"}}", streams.join("|")),
    };
    let new = |name, expr: &str, lasting, severity, summary| Alert {
        name,
        expr: expr.to_owned(),
        lasting,
        severity,
        window: None,
        summary,
    };
    vec![
        new("ServiceDown", "up{job=\"covergen\"} == 0", "1m", "page",
            "{{ $labels.app }} at {{ $labels.instance }} has not answered for a minute."),
        new("NoReplicaAvailable",
            "kube_deployment_status_replicas_available{namespace=~\"covergen-.+\"} == 0 \
             and kube_deployment_spec_replicas{namespace=~\"covergen-.+\"} > 0",
            "1m", "page", "{{ $labels.deployment }} has had no replica for a minute."),
        new("ErrorRateHigh",
            &format!("sum by (target) (rate(mesh_server_requests_total{{{FAULTS}}}[5m])) \
             / sum by (target) (rate(mesh_server_requests_total[5m])) > 0.05 \
             and sum by (target) (rate(mesh_server_requests_total[5m])) > 0.1"),
            "2m", "page", "{{ $labels.target }} fails {{ $value | humanizePercentage }} of its calls."),
        new("LatencyHigh",
            &format!("histogram_quantile(0.99, sum by (target, le) \
             (rate(mesh_server_duration_seconds_bucket{unary}[5m]))) > 2"),
            "5m", "page", "One call of {{ $labels.target }} in a hundred takes {{ $value | humanizeDuration }}."),
        new("DiskFilling",
            "1 - node_filesystem_avail_bytes{fstype!~\"overlay|squashfs|tmpfs\"} \
             / node_filesystem_size_bytes{fstype!~\"overlay|squashfs|tmpfs\"} > 0.8",
            "5m", "page", "{{ $labels.mountpoint }} of {{ $labels.instance }} is {{ $value | humanizePercentage }} full."),
        new("VolumeFilling",
            "1 - kubelet_volume_stats_available_bytes{namespace=~\"covergen-.+\"} \
             / kubelet_volume_stats_capacity_bytes{namespace=~\"covergen-.+\"} > 0.8",
            "5m", "page", "The volume {{ $labels.persistentvolumeclaim }} is {{ $value | humanizePercentage }} full."),
        new("EngineUnreachable", "min by (app, engine) (engine_up) == 0", "1m", "page",
            "{{ $labels.app }} does not reach {{ $labels.engine }}."),
        new("ReplicaBehind", "max by (pod) (cnpg_pg_replication_lag) > 300", "1m", "page",
            "The replica {{ $labels.pod }} is {{ $value | humanizeDuration }} behind."),
        new("BreakerOpen", "max by (source, target) (mesh_breaker_state) == 2", "1m", "page",
            "{{ $labels.source }} has stopped calling {{ $labels.target }}."),
        new("QueueWaiting", "max by (kind) (oldest_pending_task_seconds) > 120", "2m", "page",
            "A task of {{ $labels.kind }} has waited for {{ $value | humanizeDuration }}."),
        new("OutboxParked", "max by (service, kind) (outbox_rows{kind=\"parked\"}) > 0", "5m", "ticket",
            "{{ $labels.service }} has {{ $value }} messages that nobody takes."),
        new("TargetsShedding",
            "sum by (target) (rate(mesh_server_shed_total[5m]) > 0)", "5m", "ticket",
            "{{ $labels.target }} refuses calls because it is at its limit."),
        new("AppealsOverdue", "max(safety_appeals_overdue) > 0", "1h", "ticket",
            "{{ $value }} appeals wait longer than promised."),
        new("QuotaLedgerWrong", "max(quota_ledger_mismatches) > 0", "5m", "ticket",
            "{{ $value }} balances differ from their ledger."),
        new("RestartingOften",
            "sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total{namespace=~\"covergen-.+\"}[30m])) > 3",
            "1m", "ticket", "{{ $labels.pod }} restarts again and again."),
    ]
}

/// Faults as a share of calls, per service by what it answered, per BFF by
/// what its own calls came to.
fn ratio(window: &str) -> String {
    let served = |codes: &str| {
        format!("sum by (target) (rate(mesh_server_requests_total{{{codes}}}[{window}]))")
    };
    let made = |codes: &str| {
        format!(
            "sum by (target) (label_replace(rate(mesh_client_requests_total{{source=~\"bff-.+\"{codes}}}[{window}]), \"target\", \"$1\", \"source\", \"(.+)\"))"
        )
    };
    format!(
        "{} / {} or {} / {}",
        served(FAULTS),
        served(""),
        made(&format!(",{FAULTS}")),
        made("")
    )
}

fn calls(window: &str) -> String {
    format!(
        "sum by (target) (increase(mesh_server_requests_total[{window}])) or sum by (target) (label_replace(increase(mesh_client_requests_total{{source=~\"bff-.+\"}}[{window}]), \"target\", \"$1\", \"source\", \"(.+)\"))"
    )
}

fn recordings() -> Vec<Value> {
    let budget = |unit: &super::roster::Unit| {
        json!({
            "record": "covergen:slo_budget:ratio",
            "expr": format!("vector({})", unit.error_budget()),
            "labels": {"target": unit.name},
        })
    };
    let faults = |window: &&str| {
        json!({"record": format!("covergen:faults:ratio{window}"), "expr": ratio(window)})
    };
    let total = |(_, long, _, _): &(f64, &str, &str, &str)| {
        json!({"record": format!("covergen:calls:increase{long}"), "expr": calls(long)})
    };
    let mut found: Vec<Value> = ROSTER.iter().map(budget).collect();
    found.extend(WINDOWS.iter().map(faults));
    found.extend(BURNS.iter().map(total));
    found
}

fn burns() -> Vec<Alert> {
    let burn = |&(factor, long, short, severity): &(f64, &'static str, &'static str, &'static str)| {
        let burns = |window: &str| {
            format!("covergen:faults:ratio{window} > on (target) ({factor} * covergen:slo_budget:ratio)")
        };
        Alert {
            name: "ErrorBudgetBurning",
            expr: format!(
                "({}) and on (target) ({}) and on (target) covergen:calls:increase{long} >= {FEWEST_CALLS}",
                burns(long),
                burns(short)
            ),
            lasting: "1m",
            severity,
            window: Some(long),
            summary: "{{ $labels.target }} spends its error budget too fast: {{ $value | humanizePercentage }} of its calls fail.",
        }
    };
    BURNS.iter().map(burn).collect()
}

/// What the autoscaler of a queue's workers goes by, through the Prometheus
/// adapter. Every replica of `task` tells the same numbers.
const PENDING: &str = "max by (kind) (pending_tasks)";

/// The configuration of the Prometheus adapter.
pub(crate) fn adapter() -> String {
    documents(&[json!({
        "externalRules": [{
            "seriesQuery": "pending_tasks",
            "resources": {"namespaced": false},
            "name": {"as": "pending_tasks"},
            "metricsQuery": PENDING.replace("pending_tasks", "pending_tasks{<<.LabelMatchers>>}"),
        }],
    })])
}

/// Every expression.
pub(crate) fn expressions() -> Vec<String> {
    let alerts = alerts(&Callers::default()).into_iter().chain(burns());
    let recorded = recordings().into_iter();
    let recorded = recorded.map(|rule| rule["expr"].as_str().unwrap_or_default().to_owned());
    let alerts = alerts.map(|alert| alert.expr);
    alerts.chain(recorded).chain([PENDING.to_owned()]).collect()
}

/// The names that rules record.
pub(crate) fn recorded() -> BTreeSet<String> {
    let names = recordings().into_iter();
    names
        .map(|rule| rule["record"].as_str().unwrap_or_default().to_owned())
        .collect()
}
