//! The rules that Prometheus watches by: what is recorded, and what wakes
//! somebody up.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::callers::Callers;
use super::roster::ROSTER;
use super::yaml::documents;

/// Codes that are the server's fault.
pub(crate) const FAULTS: &str =
    "code=~\"DATA_LOSS|DEADLINE_EXCEEDED|INTERNAL|UNAVAILABLE|UNKNOWN\"";

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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    alert: Vec<Alert>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Alert {
    name: String,
    expr: String,
    lasting: String,
    severity: String,
    /// The window that alerts of one name differ by.
    #[serde(skip)]
    window: Option<&'static str>,
    summary: String,
}

/// Every file of rules by its name.
pub(crate) fn files(callers: &Callers) -> Vec<(&'static str, String)> {
    let file = |groups: Value| documents(&[json!({"groups": groups})]);
    let group = |name: &str, rules: Vec<Value>| json!([{"name": name, "rules": rules}]);
    // One group, so that alerts judge what was recorded in the same moment.
    let mut promises = recordings();
    promises.extend(burns().iter().map(alert));
    vec![
        (
            "alerts.yaml",
            file(group(
                "covergen-alerts",
                alerts(callers).iter().map(alert).collect(),
            )),
        ),
        ("slo.yaml", file(group("covergen-slo", promises))),
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
    let told: Told = toml::from_str(include_str!("alerts.toml")).expect("a test reads it");
    let streams: Vec<&str> = callers.streams().collect();
    // A stream lasts as long as somebody listens.
    let unary = format!("method!~\".*({})\"", streams.join("|"));
    let fill = |mut alert: Alert| {
        let expr = alert.expr.replace("$faults", FAULTS);
        alert.expr = expr.replace("$unary", &unary);
        alert
    };
    told.alert.into_iter().map(fill).collect()
}

/// Faults as a share of calls, per service by what it answered, per BFF by
/// what its own calls came to.
fn ratio(window: &str) -> String {
    let served = |codes: &str| {
        format!("sum by (target) (rate(mesh_server_requests_total{{{codes}}}[{window}]))")
    };
    let made = |codes: &str| {
        made(&format!(
            "rate(mesh_client_requests_total{{source=~\"bff-.+\"{codes}}}[{window}])"
        ))
    };
    format!(
        "{} / {} or {} / {}",
        served(FAULTS),
        served(""),
        made(&format!(",{FAULTS}")),
        made("")
    )
}

/// A rate of calls that BFFs make, by the BFF as the target. What differs by
/// anything else is summed up before the target's name goes: two series that
/// differed by it alone would be one twice, which is no answer at all.
fn made(rate: &str) -> String {
    format!(
        "sum by (target) (label_replace(sum by (source) ({rate}), \"target\", \"$1\", \"source\", \"(.+)\"))"
    )
}

fn calls(window: &str) -> String {
    let served = format!("sum by (target) (increase(mesh_server_requests_total[{window}]))");
    let made = made(&format!(
        "increase(mesh_client_requests_total{{source=~\"bff-.+\"}}[{window}])"
    ));
    format!("{served} or {made}")
}

fn recordings() -> Vec<Value> {
    let budget = |unit: &super::roster::Unit| {
        json!({
            "record": "covergen:slo_budget:ratio",
            "expr": format!("vector({})", unit.error_budget()),
            "labels": {"target": unit.name},
        })
    };
    let faults = |window: &&str| json!({"record": format!("covergen:faults:ratio{window}"), "expr": ratio(window)});
    let total = |(_, long, _, _): &(f64, &str, &str, &str)| json!({"record": format!("covergen:calls:increase{long}"), "expr": calls(long)});
    let mut found: Vec<Value> = ROSTER.iter().map(budget).collect();
    found.extend(WINDOWS.iter().map(faults));
    found.extend(BURNS.iter().map(total));
    found
}

fn burns() -> Vec<Alert> {
    let burn = |&(factor, long, short, severity): &(
        f64,
        &'static str,
        &'static str,
        &'static str,
    )| {
        let burns = |window: &str| {
            format!(
                "covergen:faults:ratio{window} > on (target) ({factor} * covergen:slo_budget:ratio)"
            )
        };
        Alert {
            name: "ErrorBudgetBurning".to_owned(),
            expr: format!(
                "({}) and on (target) ({}) and on (target) covergen:calls:increase{long} >= {FEWEST_CALLS}",
                burns(long),
                burns(short)
            ),
            lasting: "1m".to_owned(),
            severity: severity.to_owned(),
            window: Some(long),
            summary: "{{ $labels.target }} spends its error budget too fast: {{ $value | humanizePercentage }} of its calls fail.".to_owned(),
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

/// Every expression, and what is said of what it finds.
pub(crate) fn expressions() -> Vec<(String, String)> {
    let alerts = alerts(&Callers::default()).into_iter().chain(burns());
    let alerts = alerts.map(|alert| (alert.expr, alert.summary));
    let recorded = recordings().into_iter();
    let recorded = recorded.map(|rule| rule["expr"].as_str().unwrap_or_default().to_owned());
    let silent = recorded.chain([PENDING.to_owned()]);
    alerts
        .chain(silent.map(|expr| (expr, String::new())))
        .collect()
}

/// The names of all alerts.
#[cfg(test)]
pub(crate) fn names() -> BTreeSet<String> {
    let alerts = alerts(&Callers::default()).into_iter().chain(burns());
    alerts.map(|alert| alert.name).collect()
}

/// The names that rules record.
pub(crate) fn recorded() -> BTreeSet<String> {
    let names = recordings().into_iter();
    names
        .map(|rule| rule["record"].as_str().unwrap_or_default().to_owned())
        .collect()
}
