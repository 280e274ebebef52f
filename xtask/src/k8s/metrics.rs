//! Which metrics there are: those that the program's source registers, and
//! those of others that are listed here by name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use super::{dashboards, promql, rules};
use crate::generate::files_under;

/// What Prometheus itself, kube-state-metrics, the node exporter, the kubelet
/// and CloudNativePG tell.
const OF_OTHERS: [&str; 13] = [
    "up",
    "cnpg_pg_replication_lag",
    "kube_deployment_spec_replicas",
    "kube_deployment_status_replicas_available",
    "kube_horizontalpodautoscaler_status_current_replicas",
    "kube_pod_container_status_restarts_total",
    "kubelet_volume_stats_available_bytes",
    "kubelet_volume_stats_capacity_bytes",
    "node_cpu_seconds_total",
    "node_filesystem_avail_bytes",
    "node_filesystem_size_bytes",
    "node_memory_MemAvailable_bytes",
    "node_memory_MemTotal_bytes",
];

/// Every rule and panel reads what somebody tells.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut expressions = rules::expressions();
    expressions.extend(dashboards::expressions());
    let unknown = unknown(&known(root)?, &expressions, &rules::recorded());
    ensure!(
        unknown.is_empty(),
        "rules or dashboards read what nobody tells: {}",
        unknown.join(", ")
    );
    Ok(())
}

/// Names that are read and that nobody registers.
fn unknown(
    known: &BTreeSet<String>,
    expressions: &[String],
    recorded: &BTreeSet<String>,
) -> Vec<String> {
    let read = expressions.iter().flat_map(|one| promql::metrics(one));
    let read: BTreeSet<String> = read.collect();
    let is_unknown = |name: &String| !known.contains(name) && !recorded.contains(name);
    read.into_iter().filter(is_unknown).collect()
}

/// Every metric that a rule or a panel may read.
fn known(root: &Path) -> Result<BTreeSet<String>> {
    let mut found: BTreeSet<String> = OF_OTHERS.iter().map(|name| (*name).to_owned()).collect();
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
/// library, literals that look like a metric's name and are no label.
fn registered(source: &str, found: &mut BTreeSet<String>) {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    if !source.contains("metrics::") {
        return;
    }
    let mut rest = source;
    while let Some((_, tail)) = rest.split_once('"') {
        let Some((literal, tail)) = tail.split_once('"') else {
            return;
        };
        rest = tail;
        let is_label = tail.trim_start().starts_with("=>");
        let is_name = literal.contains('_')
            && literal.starts_with(|c: char| c.is_ascii_lowercase())
            && literal
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if is_name && !is_label {
            found.insert(literal.to_owned());
            for part in ["_sum", "_count"] {
                found.insert(format!("{literal}{part}"));
            }
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
        let expression = "rate(covers_imagined_total[5m]) + up".to_owned();
        let found = unknown(&known, &[expression], &BTreeSet::new());
        assert_eq!(found, ["covers_imagined_total"]);
    }

    #[test]
    fn labels_and_files_that_register_nothing_are_no_metrics() {
        let mut found = BTreeSet::new();
        registered(
            "metrics::counter!(\"a_total\", \"some_label\" => x);",
            &mut found,
        );
        registered("let x = \"b_total\";", &mut found);
        let names: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(names, ["a_total", "a_total_count", "a_total_sum"]);
    }
}
