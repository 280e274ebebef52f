//! Which generated file lies where under `k8s/`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::callers::Callers;
use super::environment::{ENVIRONMENTS, Environment, Release};
use super::roster::{ROSTER, Unit, units};
use super::unit::{Variant, account, headless, workload};
use super::yaml::documents;
use super::{dashboards, edge, identity, network, postgres, rules, secrets, settings};

/// Folders that hold generated files alone.
pub(crate) const FOLDERS: [&str; 2] = ["k8s/gen", "k8s/observability/gen"];

/// Certificates of the mesh, where they are ours.
const IDENTITY: &str = "identity.yaml";

/// Every generated file by its path in the tree.
pub(crate) fn files(callers: &Callers) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut add = |path: String, text: String| {
        files.insert(PathBuf::from(path), text);
    };
    for unit in ROSTER {
        for (folder, values) in places(unit) {
            let mut values = values;
            values.push(network::policy(unit, callers));
            add(format!("{folder}/unit.yaml"), documents(&values));
            add(
                format!("{folder}/kustomization.yaml"),
                kustomization(&["unit.yaml".to_owned()]),
            );
        }
    }
    for (colour, other) in [
        (Variant::BLUE, Variant::GREEN),
        (Variant::GREEN, Variant::BLUE),
    ] {
        let path = format!("k8s/gen/live/{}/kustomization.yaml", colour.track);
        add(path, live(colour, other));
    }
    for environment in ENVIRONMENTS {
        for (name, text) in of_environment(environment) {
            add(
                format!("k8s/gen/environments/{}/{name}", environment.name),
                text,
            );
        }
    }
    for (name, text) in rules::files(callers) {
        add(format!("k8s/observability/gen/rules/{name}"), text);
    }
    add(
        "k8s/observability/gen/adapter.yaml".to_owned(),
        rules::adapter(),
    );
    let names: Vec<String> = dashboards::files()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    add(
        "k8s/observability/gen/dashboards/kustomization.yaml".to_owned(),
        of_dashboards(&names),
    );
    for (name, text) in dashboards::files() {
        add(format!("k8s/observability/gen/dashboards/{name}"), text);
    }
    files
}

/// The folders of a process, and what each of them holds but for the policy.
fn places(unit: &Unit) -> Vec<(String, Vec<Value>)> {
    if unit.is_service() {
        let mut values = vec![account(unit), headless(unit)];
        values.extend(workload(unit, Variant::STABLE));
        values.push(postgres::credentials(unit, unit.namespace()));
        return vec![(format!("k8s/gen/services/{}", unit.name), values)];
    }
    let place = |release: Release| {
        let folder = format!("k8s/gen/bffs/{}/{}", release.folder(), unit.name);
        (folder, release.bff(unit))
    };
    Release::EVERY.map(place).into()
}

fn of_environment(environment: &Environment) -> Vec<(&'static str, String)> {
    let edge = match environment.by_istio() {
        true => edge::istio(environment),
        false => edge::gateway(environment),
    };
    let mut files = vec![
        ("kustomization.yaml", of_everything(environment)),
        ("settings.env", settings::shared(environment)),
        ("mesh.toml", settings::mesh(environment)),
        ("policy.yaml", settings::POLICY.to_owned()),
        ("edge.yaml", documents(&edge)),
        (
            "postgres.yaml",
            documents(&postgres::documents(environment)),
        ),
        ("secrets.yaml", documents(&[secrets::store(environment)])),
    ];
    if !environment.by_istio() {
        files.push((IDENTITY, documents(&identity::documents(environment))));
    }
    files
}

fn kustomization(resources: &[String]) -> String {
    documents(&[json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
    })])
}

fn of_everything(environment: &Environment) -> String {
    let mut resources: Vec<String> = ["edge.yaml", "postgres.yaml", "secrets.yaml"]
        .map(str::to_owned)
        .into();
    if !environment.by_istio() {
        resources.push(IDENTITY.to_owned());
    }
    resources.extend(units(environment.isolated).map(|unit| {
        let folder = match unit.is_service() {
            true => "services".to_owned(),
            false => format!("bffs/{}", environment.release.folder()),
        };
        format!("../../{folder}/{}", unit.name)
    }));
    let maps = ["covergen-edge", "covergen-services"]
        .iter()
        .flat_map(|place| {
            [
                // A change of the settings is a rollout.
                json!({"name": "settings", "namespace": place, "envs": ["settings.env"]}),
                // The mesh reads its policy anew while it runs.
                json!({
                    "name": "mesh",
                    "namespace": place,
                    "files": ["mesh.toml", "policy.yaml"],
                    "options": {"disableNameSuffixHash": true},
                }),
            ]
        });
    documents(&[json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
        "configMapGenerator": maps.collect::<Vec<_>>(),
    })])
}

/// One ConfigMap that Grafana's side-car, or ours, looks for by its label.
fn of_dashboards(names: &[String]) -> String {
    documents(&[json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "configMapGenerator": [{
            "name": "dashboards",
            "namespace": "covergen-observability",
            "files": names,
            "options": {"labels": {"grafana_dashboard": "1"}, "disableNameSuffixHash": true},
        }],
    })])
}

/// The switch: everybody gets `live`, beta users get `next`.
fn live(live: Variant, next: Variant) -> String {
    let patch = |serves: &str, variant: Variant| {
        json!({
            "target": {"kind": "Service", "labelSelector": format!("covergen.dev/serves={serves}")},
            "patch": format!(
                "- op: replace\n  path: /spec/selector/covergen.dev~1track\n  value: {}\n",
                variant.track
            ),
        })
    };
    documents(&[json!({
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "patches": [patch("live", live), patch("next", next)],
    })])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generated() -> BTreeMap<PathBuf, String> {
        files(&Callers::default())
    }

    #[test]
    fn the_switch_gives_everybody_one_colour_and_beta_users_the_other() {
        let files = generated();
        let switch = |colour: &str| {
            &files[&PathBuf::from(format!("k8s/gen/live/{colour}/kustomization.yaml"))]
        };
        for (live, next) in [("blue", "green"), ("green", "blue")] {
            let (first, second) = switch(live)
                .split_once("covergen.dev/serves=live")
                .map_or(("", ""), |(before, after)| (before, after));
            // Each patch is written before the target that it is for.
            assert!(first.contains(&format!("value: {live}")), "{first}");
            assert!(second.contains(&format!("value: {next}")), "{second}");
        }
        let bff = &files[&PathBuf::from("k8s/gen/bffs/blue-green/bff-web/unit.yaml")];
        for serves in ["live", "next"] {
            assert_eq!(bff.matches(&format!("serves: {serves}")).count(), 1);
        }
        for colour in ["blue", "green"] {
            assert!(bff.contains(&format!("name: bff-web-{colour}\n")), "{bff}");
        }
    }

    #[test]
    fn the_isolated_region_runs_its_part_of_the_roster_and_nothing_else() {
        let files = generated();
        let resources = |environment: &str| {
            let path = format!("k8s/gen/environments/{environment}/kustomization.yaml");
            files[&PathBuf::from(path)].clone()
        };
        let (all, isolated) = (resources("production"), resources("china"));
        for unit in ROSTER {
            let line = format!("/{}\"\n", unit.name);
            assert!(all.contains(&line), "{}", unit.name);
            assert_eq!(isolated.contains(&line), unit.isolated, "{}", unit.name);
        }
        let databases = &files[&PathBuf::from("k8s/gen/environments/china/postgres.yaml")];
        assert!(databases.contains("covergen_cover") && !databases.contains("covergen_export"));
    }
}
