//! Grafana's dashboards: rate, errors and duration; utilization, saturation
//! and errors; business; queues; the mesh.

use serde::Deserialize;
use serde_json::{Value, json};

use super::rules::FAULTS;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    dashboard: Vec<Dashboard>,
}

/// What a graph's axis counts.
#[derive(Debug, Clone, Copy, Deserialize)]
enum Axis {
    #[serde(rename = "per second")]
    PerSecond,
    #[serde(rename = "seconds")]
    Seconds,
    #[serde(rename = "bytes")]
    Bytes,
    #[serde(rename = "share")]
    Share,
    #[serde(rename = "plain")]
    Plain,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Panel {
    title: String,
    axis: Axis,
    /// Expressions, and what their lines are called.
    series: Vec<(String, String)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dashboard {
    id: String,
    title: String,
    panel: Vec<Panel>,
}

/// Every dashboard as a file of Grafana's JSON.
pub(crate) fn files() -> Vec<(String, String)> {
    let file = |dashboard: Dashboard| {
        let text = serde_json::to_string_pretty(&sorted(json_of(&dashboard))).unwrap_or_default();
        (format!("{}.json", dashboard.id), text + "\n")
    };
    all().into_iter().map(file).collect()
}

/// Keys by name, whatever map the JSON library was built with.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            let entries = entries.into_iter().map(|(key, value)| (key, sorted(value)));
            Value::Object(entries.collect())
        }
        Value::Array(list) => list.into_iter().map(sorted).collect(),
        other => other,
    }
}

fn json_of(dashboard: &Dashboard) -> Value {
    let panels: Vec<Value> = dashboard
        .panel
        .iter()
        .enumerate()
        .map(|(at, panel)| graph(at, panel))
        .collect();
    json!({
        "uid": format!("covergen-{}", dashboard.id),
        "title": format!("Covergen: {}", dashboard.title),
        "tags": ["covergen"],
        "schemaVersion": 39,
        "editable": false,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [{
            "name": "datasource",
            "type": "datasource",
            "query": "prometheus",
        }]},
        "panels": panels,
    })
}

fn graph(at: usize, panel: &Panel) -> Value {
    let source = json!({"type": "prometheus", "uid": "${datasource}"});
    let unit = match panel.axis {
        Axis::PerSecond => "reqps",
        Axis::Seconds => "s",
        Axis::Bytes => "bytes",
        Axis::Share => "percentunit",
        Axis::Plain => "short",
    };
    let targets = panel.series.iter().zip('A'..='Z').map(|((expr, by), id)| {
        json!({
            "refId": id.to_string(),
            "datasource": source,
            "expr": filled(expr),
            "legendFormat": by,
        })
    });
    json!({
        "id": at + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": source,
        "gridPos": {"x": (at % 2) * 12, "y": (at / 2) * 8, "w": 12, "h": 8},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "table", "placement": "right", "calcs": ["lastNotNull", "max"]}},
        "targets": targets.collect::<Vec<_>>(),
    })
}

fn all() -> Vec<Dashboard> {
    let told: Told = toml::from_str(include_str!("dashboards.toml")).expect("a test reads it");
    told.dashboard
}

/// Every expression, and what its lines are called.
pub(crate) fn expressions() -> Vec<(String, String)> {
    let panels = all().into_iter().flat_map(|dashboard| dashboard.panel);
    let series = panels.flat_map(|panel| panel.series);
    series.map(|(expr, by)| (filled(&expr), by)).collect()
}

fn filled(expr: &str) -> String {
    expr.replace("$faults", FAULTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dashboard_has_panels_and_every_panel_a_series() {
        let all = all();
        let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["red", "use", "business", "queue", "mesh"]);
        for dashboard in all {
            assert!(dashboard.panel.len() >= 8, "{}", dashboard.id);
            for panel in dashboard.panel {
                assert!(!panel.series.is_empty(), "{}", panel.title);
            }
        }
    }
}
