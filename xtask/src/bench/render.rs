//! The renderer beside satori with resvg-js, and takumi.

use std::path::Path;

use anyhow::Result;

use super::contest::{Comparison, Contest, Start};
use crate::fonts;
use crate::process::Program;
use crate::repo::Repo;

/// Covers per template and start: few, because the programs take turns.
const COVERS: &str = "12";

/// A preview costs a fraction of what it costs the peers, and speed is not
/// bought with larger files.
const COMPARISONS: [Comparison; 5] = [
    compare("satori+resvg-js", "previewCpuMs", "cpuMs", 1.0 / 15.0),
    compare("takumi", "previewCpuMs", "cpuMs", 1.0 / 4.0),
    compare("takumi", "previewBytes", "pngBytes", 1.15),
    compare("takumi", "deliveryCpuMs", "cpuMs", 1.0 / 2.0),
    compare("takumi", "deliveryBytes", "pngBytes", 1.0),
];

const fn compare(
    peer: &'static str,
    metric: &'static str,
    peer_metric: &'static str,
    target: f64,
) -> Comparison {
    Comparison {
        peer,
        metric,
        peer_metric,
        target,
    }
}

/// Our program draws every template, the peers' a cover of the same kind.
pub(super) fn prepare(repo: &Repo) -> Result<Contest> {
    fonts::fetch(repo)?;
    let example = "bench_render";
    let build = ["build", "--release", "--package", "covergen-render"];
    let build = Program::cargo(repo).args(build);
    build.args(["--example", example]).run()?;
    let ours = repo.target().join("release/examples").join(example);
    Ok(Contest {
        ours: Box::new(move || Program::new(&ours).arg(COVERS)),
        theirs: peers(&repo.path("bench/peers")).map_err(|error| format!("{error:#}")),
        case: "all",
        comparisons: &COMPARISONS,
    })
}

/// Installs the peers and hands back how to start them. Their versions are
/// pinned; what npm leaves behind is not part of the tree.
fn peers(folder: &Path) -> Result<Start> {
    let install = ["install", "--no-package-lock", "--no-audit", "--no-fund"];
    let npm = Program::new("npm").args(install).within(folder);
    npm.run_quietly()?;
    let script = folder.join("peers.mjs");
    Ok(Box::new(move || {
        Program::new("node").arg(&script).arg(COVERS)
    }))
}
