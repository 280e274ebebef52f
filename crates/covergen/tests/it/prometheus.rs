//! A real Prometheus, as it is shipped, watches the real program.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use covergen_faults::fleet::SERVICES;
use covergen_faults::ports;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};
use tokio::process::{Child, Command};

use crate::api::{Person, client, register, register_at};
use crate::mesh::Mesh;
use crate::platform::Platform;

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../k8s/observability");

/// A process that stands where one of the cluster's pods would.
struct Pod {
    app: &'static str,
    admin: String,
}

impl Pod {
    /// Where it is, and what the cluster would say about it; the shipped
    /// relabelling turns it into the labels that rules and dashboards go by.
    fn found(&self) -> String {
        let app = self.app;
        let namespace = match app.starts_with("bff-") {
            true => "covergen-edge",
            false => "covergen-services",
        };
        let told = [
            ("namespace", namespace),
            ("pod_name", &format!("{app}-0")),
            ("pod_phase", "Running"),
            ("pod_container_port_name", "admin"),
            ("pod_label_app_kubernetes_io_name", app),
            ("pod_label_app_kubernetes_io_part_of", "covergen"),
            ("pod_label_covergen_dev_track", "stable"),
        ];
        let told = told.map(|(name, value)| format!("__meta_kubernetes_{name}: {value}"));
        format!(
            "{{targets: [\"{}\"], labels: {{{}}}}}",
            self.target(),
            told.join(", ")
        )
    }

    fn target(&self) -> &str {
        self.admin.trim_start_matches("http://")
    }
}

/// A running Prometheus. Ends with the test, whatever happens.
struct Prometheus {
    _child: Child,
    _folder: TempDir,
    address: String,
}

impl Prometheus {
    /// Starts it with the shipped configuration and rules, but for the
    /// cluster, which is asked where pods are, and for the pauses.
    async fn start(pods: &[Pod]) -> Self {
        let folder = tempdir().unwrap();
        let rules = folder.path().join("rules");
        std::fs::create_dir(&rules).unwrap();
        for entry in std::fs::read_dir(format!("{SHIPPED}/gen/rules")).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.replace("for: \"1m\"", "for: \"5s\"");
            std::fs::write(rules.join(path.file_name().unwrap()), text).unwrap();
        }
        let config = folder.path().join("prometheus.yml");
        std::fs::write(&config, configuration(pods, &rules)).unwrap();
        let port = ports::free().unwrap();
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

    /// The alerts that fire, by their labels.
    async fn firing(&self) -> Vec<Value> {
        let data = self.ask("alerts", &[]).await;
        let alerts = data["alerts"].as_array().cloned();
        let fires = |alert: &Value| alert["state"] == "firing";
        let labels = |alert: Value| alert["labels"].clone();
        let alerts = alerts.expect("it tells its alerts").into_iter();
        alerts.filter(fires).map(labels).collect()
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
            if let Some(labels) = named(name, &self.firing().await).pop() {
                return labels.clone();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{name} does not fire");
    }

    async fn eventually_resolves(&self, name: &str) {
        for _ in 0..300 {
            if named(name, &self.firing().await).is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{name} still fires");
    }
}

/// Those of the alerts that have this name.
fn named<'a>(name: &str, alerts: &'a [Value]) -> Vec<&'a Value> {
    let has = |labels: &&Value| labels["alertname"] == name;
    alerts.iter().filter(has).collect()
}

/// The shipped configuration, with these where the cluster's pods are.
fn configuration(pods: &[Pod], rules: &Path) -> String {
    let shipped = std::fs::read_to_string(format!("{SHIPPED}/prometheus.yml")).unwrap();
    let found: Vec<String> = pods.iter().map(Pod::found).collect();
    let found = format!("    static_configs: [{}]", found.join(", "));
    let mut job = "";
    let mut lines = Vec::new();
    for line in shipped.lines() {
        if let Some((_, name)) = line.split_once("job_name: ") {
            job = name;
        }
        lines.push(
            match line.trim_start().starts_with("kubernetes_sd_configs:") {
                true if job == "covergen" => found.clone(),
                true => "    static_configs: []".to_owned(),
                false => line.to_owned(),
            },
        );
    }
    let text = lines.join("\n");
    assert_eq!(text.matches(&found).count(), 1, "{text}");
    text.replace("15s", "1s")
        .replace("/etc/prometheus/rules", &rules.display().to_string())
        .replace(
            "alertmanager.covergen-observability.svc.cluster.local",
            "127.0.0.1",
        )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stops_is_told_by_the_shipped_rules() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let pod = Pod {
        app: "cover",
        admin: platform.admin.clone(),
    };
    let prometheus = Prometheus::start(&[pod]).await;
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
    assert_eq!(prometheus.firing().await, [] as [Value; 0]);

    assert!(platform.stop().await.success());
    let labels = prometheus.eventually_fires("ServiceDown").await;
    assert_eq!(labels["app"], "cover");
    assert_eq!(labels["severity"], "page");
    assert_eq!(labels["pod"], "cover-0");
}

/// Each service and the web BFF apart: the one that dies is told by its own
/// silence, and by whoever calls it; nobody else is, and it is over when the
/// process is back.
#[tokio::test(flavor = "multi_thread")]
async fn one_service_that_dies_is_told_by_its_silence_and_by_its_caller() {
    let folder = tempdir().unwrap();
    let mut mesh = Mesh::up(folder.path()).await;
    let pods: Vec<Pod> = SERVICES
        .into_iter()
        .chain(["bff-web"])
        .map(|app| Pod {
            app,
            admin: mesh.address(app, "admin"),
        })
        .collect();
    let prometheus = Prometheus::start(&pods).await;
    let person = register_at(&mesh.address("bff-web", "web"), "watched").await;
    makes_a_cover(&person).await;
    for _ in 0..3 {
        assert_eq!(person.get("/covers").await.status(), 200);
    }
    let up = "count(count by (app) (up{job=\"covergen\"} == 1))";
    prometheus.eventually_tells(up, "10").await;
    // Both ends of a call count it, each in its own process.
    for (side, app) in [("client", "bff-web"), ("server", "cover")] {
        let calls = format!(
            "sum(mesh_{side}_requests_total{{app=\"{app}\", source=\"bff-web\", \
             target=\"cover\", method=~\".+/ListCovers\", code=\"OK\"}})"
        );
        prometheus.eventually_tells(&calls, "3").await;
    }
    assert_eq!(prometheus.firing().await, [] as [Value; 0]);

    mesh.kill("cover").await;
    let expected = ["BreakerOpen", "ErrorBudgetBurning", "ServiceDown"];
    let alerts = eventually_all_fire(&prometheus, &expected, &person).await;
    let down = json!({
        "alertname": "ServiceDown",
        "app": "cover",
        "instance": pods.iter().find(|pod| pod.app == "cover").unwrap().target(),
        "job": "covergen",
        "kube_namespace": "covergen-services",
        "pod": "cover-0",
        "severity": "page",
        "track": "stable",
    });
    assert_eq!(named("ServiceDown", &alerts), [&down]);
    let open = json!({
        "alertname": "BreakerOpen",
        "severity": "page",
        "source": "bff-web",
        "target": "cover",
    });
    assert_eq!(named("BreakerOpen", &alerts), [&open]);
    // The dead one cannot count what is refused in its place: its caller does.
    for labels in named("ErrorBudgetBurning", &alerts) {
        assert_eq!(labels["target"], "bff-web", "{labels}");
    }

    mesh.start("cover").await;
    prometheus.eventually_resolves("ServiceDown").await;
    prometheus.eventually_tells(up, "10").await;
    eventually_lists_covers(&person).await;
    prometheus.eventually_resolves("BreakerOpen").await;
}

async fn makes_a_cover(person: &Person) {
    let body = json!({
        "title": "Watched all the way",
        "sizes": [{"preset": "thumbnail"}],
        "formats": ["jpeg"],
    });
    let (status, made) = person.generate("watched", &body).await.unwrap();
    assert_eq!(status, 202, "{made}");
    let ended = person.ended(made["taskId"].as_str().unwrap()).await;
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
}

/// What fires once alerts of all these names do and of no other, while
/// somebody asks for covers again and again: a budget is not said to burn
/// before fifty calls were counted.
async fn eventually_all_fire(
    prometheus: &Prometheus,
    names: &[&str],
    person: &Person,
) -> Vec<Value> {
    let mut alerts = Vec::new();
    for _ in 0..600 {
        for _ in 0..5 {
            assert_eq!(person.get("/covers").await.status(), 503);
        }
        alerts = prometheus.firing().await;
        let fire = alerts
            .iter()
            .map(|labels| labels["alertname"].as_str().unwrap());
        let fire: BTreeSet<&str> = fire.collect();
        if fire == names.iter().copied().collect() {
            return alerts;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not {names:?} fire, but {alerts:?}");
}

/// A service that has just come back answers 503 until its callers know.
async fn eventually_lists_covers(person: &Person) {
    for _ in 0..300 {
        let status = person.get("/covers").await.status();
        if status == 200 {
            return;
        }
        assert_eq!(status, 503);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("covers are not listed");
}
