//! A real Prometheus, as it is shipped, watches the real program.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::{TempDir, tempdir};
use tokio::process::{Child, Command};

use crate::api::{client, register};
use crate::platform::Platform;

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../k8s/observability");

/// What the cluster would say about the pod; the shipped relabelling turns it
/// into the labels that rules and dashboards go by.
const POD: &str = "\
    __meta_kubernetes_namespace: covergen-services, \
    __meta_kubernetes_pod_name: cover-0, \
    __meta_kubernetes_pod_phase: Running, \
    __meta_kubernetes_pod_container_port_name: admin, \
    __meta_kubernetes_pod_label_app_kubernetes_io_name: cover, \
    __meta_kubernetes_pod_label_app_kubernetes_io_part_of: covergen, \
    __meta_kubernetes_pod_label_covergen_dev_track: stable";

/// A running Prometheus. Ends with the test, whatever happens.
struct Prometheus {
    _child: Child,
    _folder: TempDir,
    address: String,
}

impl Prometheus {
    /// Starts it with the shipped configuration and rules, but for the
    /// cluster, which is asked where pods are, and for the pauses.
    async fn start(platform: &Platform) -> Self {
        let folder = tempdir().unwrap();
        let rules = folder.path().join("rules");
        std::fs::create_dir(&rules).unwrap();
        for entry in std::fs::read_dir(format!("{SHIPPED}/gen/rules")).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.replace("for: \"1m\"", "for: \"1s\"");
            std::fs::write(rules.join(path.file_name().unwrap()), text).unwrap();
        }
        let config = folder.path().join("prometheus.yml");
        std::fs::write(&config, configuration(platform, &rules)).unwrap();
        let port = free_port();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.path().join("data").display()
            ))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("prometheus is installed: `cargo xtask install`");
        Self {
            _child: child,
            _folder: folder,
            address: format!("http://127.0.0.1:{port}"),
        }
    }

    /// What its API answers; null while it does not.
    async fn ask(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        let address = format!("{}/api/v1/{path}", self.address);
        let address = reqwest::Url::parse_with_params(&address, parameters).unwrap();
        let Ok(answer) = client().get(address).send().await else {
            return Value::Null;
        };
        let text = answer.text().await.unwrap_or_default();
        serde_json::from_str::<Value>(&text).unwrap_or_default()["data"].take()
    }

    /// The values of an expression's series.
    async fn values(&self, expression: &str) -> Vec<String> {
        let data = self.ask("query", &[("query", expression)]).await;
        let series = data["result"].as_array().cloned().unwrap_or_default();
        let value = |one: &Value| one["value"][1].as_str().unwrap_or_default().to_owned();
        series.iter().map(value).collect()
    }

    /// The alerts of a name that fire, by their labels.
    async fn firing(&self, name: &str) -> Vec<Value> {
        let data = self.ask("alerts", &[]).await;
        let alerts = data["alerts"].as_array().cloned().unwrap_or_default();
        let fires =
            |alert: &Value| alert["state"] == "firing" && alert["labels"]["alertname"] == name;
        let labels = |alert: Value| alert["labels"].clone();
        alerts.into_iter().filter(fires).map(labels).collect()
    }

    async fn eventually_tells(&self, expression: &str, expected: &str) {
        for _ in 0..300 {
            if self.values(expression).await == [expected] {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let seen = self.values(expression).await;
        panic!("{expression} is {seen:?}, not {expected}");
    }

    async fn eventually_fires(&self, name: &str) -> Value {
        for _ in 0..300 {
            if let Some(labels) = self.firing(name).await.pop() {
                return labels;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{name} does not fire");
    }
}

/// The shipped configuration, with the platform where the cluster's pods are.
fn configuration(platform: &Platform, rules: &Path) -> String {
    let shipped = std::fs::read_to_string(format!("{SHIPPED}/prometheus.yml")).unwrap();
    let target = platform.admin.trim_start_matches("http://");
    let pod = format!("    static_configs: [{{targets: [\"{target}\"], labels: {{{POD}}}}}]");
    let mut job = "";
    let mut lines = Vec::new();
    for line in shipped.lines() {
        if let Some((_, name)) = line.split_once("job_name: ") {
            job = name;
        }
        lines.push(
            match line.trim_start().starts_with("kubernetes_sd_configs:") {
                true if job == "covergen" => pod.clone(),
                true => "    static_configs: []".to_owned(),
                false => line.to_owned(),
            },
        );
    }
    let text = lines.join("\n");
    assert_eq!(text.matches(target).count(), 1, "{text}");
    text.replace("15s", "200ms")
        .replace("/etc/prometheus/rules", &rules.display().to_string())
        .replace(
            "alertmanager.covergen-observability.svc.cluster.local",
            "127.0.0.1",
        )
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stops_is_told_by_the_shipped_rules() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let prometheus = Prometheus::start(&platform).await;
    prometheus
        .eventually_tells("up{job=\"covergen\", app=\"cover\"}", "1")
        .await;
    // What a person causes is counted under the names that rules go by.
    register(&platform, "watched").await;
    let calls = "count(count by (target) \
        (mesh_server_requests_total{target=\"auth\", code=\"OK\"}))";
    prometheus.eventually_tells(calls, "1").await;
    let budget = "covergen:slo_budget:ratio{target=\"auth\"}";
    prometheus.eventually_tells(budget, "0.001").await;
    let engine = "count(count by (engine) (engine_up{app=\"cover\", engine=\"objects\"} == 1))";
    prometheus.eventually_tells(engine, "1").await;
    assert_eq!(prometheus.firing("ServiceDown").await, [] as [Value; 0]);

    assert!(platform.stop().await.success());
    let labels = prometheus.eventually_fires("ServiceDown").await;
    assert_eq!(labels["app"], "cover");
    assert_eq!(labels["severity"], "page");
    assert_eq!(labels["pod"], "cover-0");
}
