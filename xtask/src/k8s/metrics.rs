//! Which metrics there are, and their labels: those that the program's source
//! registers, and those of others that are listed here by name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use super::{dashboards, promql, rules};
use crate::generate::files_under;

/// Metrics by name, with the labels of each.
type Known = BTreeMap<String, BTreeSet<String>>;

/// What Prometheus itself, kube-state-metrics, the node exporter, the kubelet
/// and CloudNativePG tell, and the labels that we read of it.
const OF_OTHERS: [(&str, &[&str]); 15] = [
    ("up", &[]),
    ("cnpg_pg_replication_in_recovery", &[]),
    ("cnpg_pg_replication_is_wal_receiver_up", &[]),
    ("cnpg_pg_replication_lag", &[]),
    (
        "kube_deployment_spec_replicas",
        &["namespace", "deployment"],
    ),
    (
        "kube_deployment_status_replicas_available",
        &["namespace", "deployment"],
    ),
    (
        "kube_horizontalpodautoscaler_status_current_replicas",
        &["namespace", "horizontalpodautoscaler"],
    ),
    (
        "kube_pod_container_status_restarts_total",
        &["namespace", "pod", "container"],
    ),
    (
        "kubelet_volume_stats_available_bytes",
        &["namespace", "persistentvolumeclaim"],
    ),
    (
        "kubelet_volume_stats_capacity_bytes",
        &["namespace", "persistentvolumeclaim"],
    ),
    ("node_cpu_seconds_total", &["cpu", "mode"]),
    (
        "node_filesystem_avail_bytes",
        &["device", "fstype", "mountpoint"],
    ),
    (
        "node_filesystem_size_bytes",
        &["device", "fstype", "mountpoint"],
    ),
    ("node_memory_MemAvailable_bytes", &[]),
    ("node_memory_MemTotal_bytes", &[]),
];

/// Labels that every series gets where it is scraped (`prometheus.yml`), and the
/// one of a histogram's buckets.
const SCRAPED: [&str; 7] = [
    "app",
    "instance",
    "job",
    "kube_namespace",
    "le",
    "pod",
    "track",
];

/// Every rule and panel reads what somebody tells, by labels that it has.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut known = known(root)?;
    let target = BTreeSet::from(["target".to_owned()]);
    known.extend(
        rules::recorded()
            .into_iter()
            .map(|name| (name, target.clone())),
    );
    let mut expressions = rules::expressions();
    expressions.extend(dashboards::expressions());
    let wrong: BTreeSet<String> = expressions
        .iter()
        .flat_map(|(expression, told)| wrong(&known, expression, told))
        .collect();
    let wrong: Vec<String> = wrong.into_iter().collect();
    ensure!(
        wrong.is_empty(),
        "rules or dashboards read what nobody tells: {}",
        wrong.join(", ")
    );
    Ok(())
}

/// What an expression reads, or what is said of it shows, that is not there.
fn wrong(known: &Known, expression: &str, told: &str) -> Vec<String> {
    let read = promql::read(expression);
    let mut found = Vec::new();
    let mut labels: BTreeSet<&str> = SCRAPED.into();
    for name in &read.metrics {
        match known.get(name) {
            Some(own) => labels.extend(own.iter().map(String::as_str)),
            None => found.push(name.clone()),
        }
    }
    let has = |name: &String, label: &String| {
        SCRAPED.contains(&label.as_str()) || known.get(name).is_none_or(|own| own.contains(label))
    };
    let selected = read
        .selected
        .iter()
        .filter(|(name, label)| !has(name, label));
    found.extend(selected.map(|(name, label)| format!("{name}{{{label}}}")));
    let grouped = read.grouped.iter().map(String::as_str);
    let unknown = grouped.clone().filter(|label| !labels.contains(label));
    found.extend(unknown.map(|label| format!("by ({label}) in {expression}")));
    // Where series are summed up, the other labels are gone.
    let left: BTreeSet<&str> = match read.grouped.is_empty() {
        true => labels,
        false => grouped.collect(),
    };
    let shown = shown(told)
        .into_iter()
        .filter(|label| !left.contains(label));
    found.extend(shown.map(|label| format!("{{{{{label}}}}} of {expression}")));
    found
}

/// The labels that a summary or the name of a line shows.
fn shown(told: &str) -> Vec<&str> {
    let parts = told.split("{{").skip(1);
    let inside = parts.filter_map(|part| part.split_once("}}"));
    let names = inside.map(|(name, _)| name.trim());
    let names = names.filter(|name| !name.starts_with("$value"));
    names
        .map(|name| name.strip_prefix("$labels.").unwrap_or(name))
        .collect()
}

/// Every metric that a rule or a panel may read.
fn known(root: &Path) -> Result<Known> {
    let owned = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect();
    let mut found: Known = OF_OTHERS
        .iter()
        .map(|(name, labels)| ((*name).to_owned(), owned(labels)))
        .collect();
    for place in ["crates", "services", "bff"] {
        let members = fs::read_dir(root.join(place)).with_context(|| place.to_owned())?;
        for member in members {
            let source = member?.path().join("src");
            for path in files_under(&source)? {
                if path.extension().is_some_and(|end| end == "rs") {
                    registered(&fs::read_to_string(source.join(path))?, &mut found);
                }
            }
        }
    }
    Ok(found)
}

/// The names that a source file registers: in a file that uses the metrics
/// library, literals that look like a metric's name and are no label. Each may
/// have any label of the file, since handles are often made apart from names.
fn registered(source: &str, found: &mut Known) {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    if !source.contains("metrics::") {
        return;
    }
    let (mut names, mut labels) = (BTreeSet::new(), BTreeSet::new());
    let mut rest = source;
    while let Some((_, tail)) = rest.split_once('"') {
        let Some((literal, tail)) = tail.split_once('"') else {
            break;
        };
        rest = tail;
        let is_name = literal.starts_with(|c: char| c.is_ascii_lowercase())
            && literal
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if is_name && tail.trim_start().starts_with("=>") {
            labels.insert(literal.to_owned());
        } else if is_name && literal.contains('_') {
            names.insert(literal);
        }
    }
    for name in names {
        for ending in ["", "_sum", "_count"] {
            let own = found.entry(format!("{name}{ending}")).or_default();
            own.extend(labels.iter().cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
    }

    #[test]
    fn every_metric_of_a_rule_or_panel_is_registered_by_the_program() {
        check(root()).expect("every metric is known");
        let count = rules::expressions().len() + dashboards::expressions().len();
        assert!(count > 80, "{count}");
    }

    #[test]
    fn a_metric_that_nobody_registers_is_found() {
        let known = known(root()).expect("the tree can be read");
        let found = wrong(&known, "rate(covers_imagined_total[5m]) + up", "");
        assert_eq!(found, ["covers_imagined_total"]);
    }

    #[test]
    fn a_label_that_a_metric_has_not_is_found_wherever_it_stands() {
        let known = known(root()).expect("the tree can be read");
        let wrong = |expression: &str, told: &str| wrong(&known, expression, told).join(" ");
        let good = "sum by (target) (rate(mesh_server_requests_total{code=\"OK\"}[5m]))";
        assert_eq!(
            wrong(good, "{{ $labels.target }}: {{ $value }} {{target}}"),
            ""
        );
        let chosen = good.replace("code=", "status_code=");
        assert_eq!(
            wrong(&chosen, ""),
            "mesh_server_requests_total{status_code}"
        );
        let summed = good.replace("target", "callee");
        assert!(wrong(&summed, "").starts_with("by (callee)"));
        // It has this one, but it is summed up over.
        assert!(wrong(good, "{{ $labels.source }}").starts_with("{{source}}"));
        assert!(wrong("max(quota_ledger_mismatches)", "{{user}}").starts_with("{{user}}"));
    }

    #[test]
    fn labels_and_files_that_register_nothing_are_no_metrics() {
        let mut found = Known::new();
        registered(
            "metrics::counter!(\"a_total\", \"some_label\" => x);",
            &mut found,
        );
        registered("let x = \"b_total\";", &mut found);
        let names: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(names, ["a_total", "a_total_count", "a_total_sum"]);
        let labels = BTreeSet::from(["some_label".to_owned()]);
        assert_eq!(found["a_total"], labels);
    }

    /// What fires is tried: an alert that no test makes fire may never do so.
    #[test]
    fn every_alert_fires_in_a_test_of_the_rules() {
        let mut fired = BTreeSet::new();
        for file in ["alerts.yaml", "slo.yaml"] {
            let path = root().join("k8s/observability/tests").join(file);
            fired.extend(firing(&fs::read_to_string(path).expect("is there")));
        }
        assert_eq!(fired, rules::names());
    }

    /// Alerts that a file of promtool's expects something of.
    fn firing(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut name = "";
        for line in text.lines() {
            if let Some(told) = line.trim_start().strip_prefix("alertname: ") {
                name = told;
            } else if line.trim() == "exp_alerts:" {
                found.push(name.to_owned());
            }
        }
        found
    }

    #[test]
    fn an_alert_that_is_only_expected_to_be_silent_does_not_count() {
        let text = "- eval_time: 1m\n  alertname: A\n- eval_time: 2m\n  alertname: B\n  exp_alerts:\n    - x";
        assert_eq!(firing(text), ["B"]);
    }
}
