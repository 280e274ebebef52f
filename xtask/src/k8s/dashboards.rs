//! Grafana's dashboards: rate, errors and duration; utilization, saturation
//! and errors; business; queues; the mesh.

use serde_json::{Value, json};

use super::rules::FAULTS;

/// What a graph's axis counts.
#[derive(Debug, Clone, Copy)]
enum Axis {
    PerSecond,
    Seconds,
    Bytes,
    Share,
    Plain,
}

struct Panel {
    title: &'static str,
    axis: Axis,
    /// An expression and the label that tells its series apart.
    series: Vec<(String, &'static str)>,
}

struct Dashboard {
    id: &'static str,
    title: &'static str,
    panels: Vec<Panel>,
}

fn panel(title: &'static str, axis: Axis, series: &[(&str, &'static str)]) -> Panel {
    let series = series.iter().map(|(expr, by)| ((*expr).to_owned(), *by));
    Panel {
        title,
        axis,
        series: series.collect(),
    }
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
        .panels
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
            "expr": expr,
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
    let dashboard = |id, title, panels| Dashboard { id, title, panels };
    vec![
        dashboard("red", "rate, errors, duration", red()),
        dashboard("use", "utilization, saturation, errors", usage()),
        dashboard("business", "business", business()),
        dashboard("queue", "queues", queues()),
        dashboard("mesh", "mesh", mesh()),
    ]
}

fn quantile(quantile: &str, metric: &str, by: &str) -> String {
    let comma = if by.is_empty() { "" } else { ", " };
    format!("histogram_quantile({quantile}, sum by (le{comma}{by}) (rate({metric}_bucket[5m])))")
}

fn red() -> Vec<Panel> {
    use Axis::{PerSecond, Seconds, Share};
    let faults = |side: &str, by: &str| {
        format!(
            "sum by ({by}) (rate(mesh_{side}_requests_total{{{FAULTS}}}[5m])) / sum by ({by}) (rate(mesh_{side}_requests_total[5m]))"
        )
    };
    let p = |q: &str, by: &str| quantile(q, "mesh_server_duration_seconds", by);
    vec![
        panel("Calls", PerSecond, &[("sum by (target) (rate(mesh_server_requests_total[5m]))", "{{target}}")]),
        panel("Faults", Share, &[(&faults("server", "target"), "{{target}}")]),
        panel("Slowest in a hundred", Seconds, &[(&p("0.99", "target"), "{{target}}")]),
        panel("Median", Seconds, &[(&p("0.5", "target"), "{{target}}")]),
        panel("Calls of the BFFs", PerSecond, &[("sum by (source) (rate(mesh_client_requests_total{source=~\"bff-.+\"}[5m]))", "{{source}}")]),
        panel("Faults that BFFs meet", Share, &[(&faults("client", "source"), "{{source}}")]),
        panel("Busiest methods", PerSecond, &[("topk(10, sum by (method) (rate(mesh_server_requests_total[5m])))", "{{method}}")]),
        panel("Slowest methods", Seconds, &[(&format!("topk(10, {})", p("0.99", "method")), "{{method}}")]),
        panel("Answers by code", PerSecond, &[("sum by (code) (rate(mesh_server_requests_total[5m]))", "{{code}}")]),
        panel("Error budget burnt in an hour", Axis::Plain, &[("covergen:faults:ratio1h / on (target) covergen:slo_budget:ratio", "{{target}}")]),
    ]
}

fn usage() -> Vec<Panel> {
    use Axis::{Bytes, Plain, Share};
    vec![
        panel("Cores used", Plain, &[("sum by (app) (rate(process_cpu_seconds[5m]))", "{{app}}")]),
        panel("Memory", Bytes, &[("sum by (app) (process_resident_memory_bytes)", "{{app}}")]),
        panel("Tasks that wait for a thread", Plain, &[("sum by (app) (runtime_waiting_tasks)", "{{app}}")]),
        panel("Tasks", Plain, &[("sum by (app) (runtime_alive_tasks)", "{{app}}")]),
        panel("Threads", Plain, &[("sum by (app) (process_threads)", "{{app}}")]),
        panel("Open files", Share, &[("max by (app) (process_open_fds / process_max_fds)", "{{app}}")]),
        panel("Connections to the database", Plain, &[("sum by (service, pool, state) (covergen_store_connections)", "{{service}} {{pool}} {{state}}")]),
        panel("Engines that answer", Plain, &[("min by (app, engine) (engine_up)", "{{app}} {{engine}}")]),
        panel("Hits of the cache", Share, &[("sum by (namespace) (rate(cache_reads_total{outcome=\"hit\"}[5m])) / sum by (namespace) (rate(cache_reads_total[5m]))", "{{namespace}}")]),
        panel("Disks", Share, &[("1 - node_filesystem_avail_bytes / node_filesystem_size_bytes", "{{instance}} {{mountpoint}}")]),
        panel("Processors of the nodes", Share, &[("1 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[5m]))", "{{instance}}")]),
        panel("Memory of the nodes", Share, &[("1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", "{{instance}}")]),
        panel("Replicas", Plain, &[("kube_horizontalpodautoscaler_status_current_replicas{namespace=~\"covergen-.+\"}", "{{horizontalpodautoscaler}}")]),
        panel("Telemetry that was not taken", Plain, &[("sum by (app, signal) (rate(telemetry_push_failures_total[5m]))", "{{app}} {{signal}}")]),
    ]
}

fn business() -> Vec<Panel> {
    use Axis::{PerSecond, Plain, Seconds};
    vec![
        panel("Covers that were made", PerSecond, &[("sum by (state) (rate(tasks_finished_total{kind=\"cover.generate\"}[5m]))", "{{state}}")]),
        panel("From request to cover", Seconds, &[
            (&quantile("0.99", "cover_generation_seconds", ""), "p99"),
            (&quantile("0.5", "cover_generation_seconds", ""), "median"),
        ]),
        panel("Rendering by template", Seconds, &[(&quantile("0.99", "cover_render_seconds", "template"), "{{template}}")]),
        panel("Exports", PerSecond, &[
            ("sum by (format) (rate(exports_requested_total[5m]))", "{{format}} asked for"),
            ("sum by (status) (rate(exports_ended_total[5m]))", "{{status}}"),
        ]),
        panel("Files that could not be exported", PerSecond, &[("sum(rate(export_files_failed_total[5m]))", "files")]),
        panel("Uploads", PerSecond, &[("sum by (type) (rate(media_uploads_total[5m]))", "{{type}}")]),
        panel("Image variants made", PerSecond, &[("sum(rate(media_variants_made_total[5m]))", "variants")]),
        panel("Messages sent", PerSecond, &[("sum by (channel, outcome) (rate(notification_attempts_total[5m]))", "{{channel}} {{outcome}}")]),
        panel("Texts flagged", PerSecond, &[
            ("sum by (category) (rate(safety_flagged_total[5m]))", "{{category}}"),
        ]),
        panel("Appeals past their time", Plain, &[("max(safety_appeals_overdue)", "appeals")]),
        panel("Balances that differ from their ledger", Plain, &[("max(quota_ledger_mismatches)", "balances")]),
        panel("Thumbnails rendered", PerSecond, &[("sum(rate(template_thumbnails_rendered_total[5m]))", "thumbnails")]),
    ]
}

fn queues() -> Vec<Panel> {
    use Axis::{PerSecond, Plain, Seconds};
    vec![
        panel("Tasks that wait", Plain, &[("max by (kind) (pending_tasks)", "{{kind}}")]),
        panel("Longest wait", Seconds, &[("max by (kind) (oldest_pending_task_seconds)", "{{kind}}")]),
        panel("Tasks taken in", PerSecond, &[("sum by (kind) (rate(tasks_submitted_total[5m]))", "{{kind}}")]),
        panel("Tasks that ended", PerSecond, &[("sum by (kind, state) (rate(tasks_finished_total[5m]))", "{{kind}} {{state}}")]),
        panel("Attempts", PerSecond, &[("sum by (kind, outcome) (rate(saga_attempts_total[5m]))", "{{kind}} {{outcome}}")]),
        panel("Messages that wait", Plain, &[("max by (service, kind) (covergen_outbox_waiting)", "{{service}} {{kind}}")]),
        panel("Messages handed on", PerSecond, &[("sum by (service, outcome) (rate(covergen_outbox_rows_total[5m]))", "{{service}} {{outcome}}")]),
        panel("Messages that nobody takes", Plain, &[("max by (service) (outbox_rows{kind=\"parked\"})", "{{service}}")]),
    ]
}

fn mesh() -> Vec<Panel> {
    use Axis::{PerSecond, Plain, Seconds, Share};
    vec![
        panel("Calls between services", PerSecond, &[("sum by (source, target) (rate(mesh_client_requests_total[5m]))", "{{source}} → {{target}}")]),
        panel("Slowest in a hundred, seen by the caller", Seconds, &[(&quantile("0.99", "mesh_client_duration_seconds", "source, target"), "{{source}} → {{target}}")]),
        panel("Calls tried again", Share, &[("sum by (source, target) (rate(mesh_client_retries_total[5m])) / sum by (source, target) (rate(mesh_client_requests_total[5m]))", "{{source}} → {{target}}")]),
        panel("Breakers: 1 half open, 2 open", Plain, &[("max by (source, target) (mesh_breaker_state)", "{{source}} → {{target}}")]),
        panel("Calls refused by the caller's bulkhead", PerSecond, &[("sum by (source, target) (rate(mesh_client_shed_total[5m]))", "{{source}} → {{target}}")]),
        panel("Calls refused by the server's limit", PerSecond, &[("sum by (target) (rate(mesh_server_shed_total[5m]))", "{{target}}")]),
        panel("Connections", Plain, &[("sum by (app) (mesh_server_connections)", "{{app}}")]),
        panel("Connections refused, handlers that panicked", PerSecond, &[
            ("sum by (app) (rate(mesh_server_connections_refused_total[5m]))", "{{app}} refused"),
            ("sum by (app) (rate(mesh_server_panics_total[5m]))", "{{app}} panicked"),
        ]),
    ]
}

/// Every expression.
pub(crate) fn expressions() -> Vec<String> {
    let panels = all().into_iter().flat_map(|dashboard| dashboard.panels);
    let series = panels.flat_map(|panel| panel.series);
    series.map(|(expr, _)| expr).collect()
}
