//! Looks at the manifests as a cluster would: every overlay is built, every
//! resource checked against its schema and against the others, the rules and what
//! the workflow writes are tested.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::metrics;
use crate::install;
use crate::process::Program;
use crate::repo::Repo;

const OVERLAYS: &str = "k8s/overlays";
const OBSERVABILITY: &str = "k8s/observability";

/// Everything that can be said about the manifests without a cluster.
pub(crate) fn run(repo: &Repo) -> Result<()> {
    metrics::check(repo.root())?;
    let tools = install::ensure_cluster_tools(repo)?;
    let built = tempfile::tempdir()?;
    for overlay in overlays(repo)? {
        let kustomize = Program::new(&tools.kubectl).arg("kustomize");
        let text = kustomize
            .arg(repo.path(OVERLAYS).join(&overlay))
            .read()
            .with_context(|| format!("the overlay {overlay}"))?;
        fs::write(built.path().join(format!("{overlay}.yaml")), text)?;
    }
    Program::new(&tools.python)
        .arg("-B")
        .arg(repo.path("k8s/validate/validate.py"))
        .arg(repo.root())
        .arg(built.path())
        .run()?;
    Program::new(&tools.python)
        .args(["-B", "-m", "unittest", "--quiet"])
        .args(["test_validate", "test_overlays", "test_release"])
        .within(repo.path("k8s/validate"))
        .envs(&[
            ("BUILT".to_owned(), built.path().display().to_string()),
            ("KUBECTL".to_owned(), tools.kubectl.display().to_string()),
        ])
        .run_quietly()?;
    workflows(repo, &tools.python)?;
    rules(repo, &tools.promtool)?;
    install::ensure_engines(repo)?;
    let nats = repo.path("k8s/data/nats.conf");
    Program::new(repo.venv().join("bin/nats-server"))
        .args(["-t", "-c"])
        .arg(nats)
        .envs(
            &["POD_NAME", "NATS_USERNAME", "NATS_PASSWORD"]
                .map(|name| (name.to_owned(), "x".to_owned())),
        )
        .run_quietly()
}

/// The names of the overlays, in order.
fn overlays(repo: &Repo) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(repo.path(OVERLAYS)).context(OVERLAYS)? {
        let entry = entry?;
        if entry.path().join("kustomization.yaml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    ensure!(!names.is_empty(), "there is no overlay in {OVERLAYS}");
    names.sort();
    Ok(names)
}

/// The workflows are what GitHub's own schema allows.
fn workflows(repo: &Repo, python: &Path) -> Result<()> {
    let check = Program::new(python.with_file_name("check-jsonschema"));
    check
        .args(["--builtin-schema", "vendor.github-workflows"])
        .arg(repo.path(".github/workflows/ci.yml"))
        .run_quietly()
}

/// Prometheus takes its configuration and the rules, and they fire when they
/// should.
fn rules(repo: &Repo, promtool: &str) -> Result<()> {
    let files = |folder: &str| -> Result<Vec<PathBuf>> {
        let entries = fs::read_dir(repo.path(folder)).with_context(|| folder.to_owned())?;
        let mut found = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "yaml") {
                found.push(path);
            }
        }
        found.sort();
        ensure!(!found.is_empty(), "there is nothing in {folder}");
        Ok(found)
    };
    let promtool = || Program::new(promtool);
    let check = promtool().args(["check", "rules"]);
    check
        .args(files(&format!("{OBSERVABILITY}/gen/rules"))?)
        .run_quietly()?;
    // Debian's Prometheus is built without knowledge of clusters, so that
    // part of its configuration stands aside.
    let config = fs::read_to_string(repo.path(OBSERVABILITY).join("prometheus.yml"))?;
    let aside = |line: &str| match line.trim_start().starts_with("kubernetes_sd_configs:") {
        true => String::from("    static_configs: []"),
        false => line.to_owned(),
    };
    let config: Vec<String> = config.lines().map(aside).collect();
    let scratch = tempfile::tempdir()?;
    let path = scratch.path().join("prometheus.yml");
    fs::write(&path, config.join("\n"))?;
    let check = promtool().args(["check", "config", "--syntax-only"]);
    check.arg(path).run_quietly()?;
    let test = promtool().args(["test", "rules"]);
    test.args(files(&format!("{OBSERVABILITY}/tests"))?)
        .run_quietly()
}
