//! The renderer beside satori with resvg-js, and takumi.

use std::path::Path;

use anyhow::Result;

use super::contest::{Comparison, Contest, Peers, Standard, Start};
use crate::fonts;
use crate::process::Program;
use crate::repo::Repo;

/// Covers per template and start: few, because the programs take turns.
const COVERS: &str = "12";

/// A preview costs a fraction of what it costs the peers, and speed is not
/// bought with larger files. Aurora is the design that the peers' cover copies;
/// `all` is the mean of every template.
const COMPARISONS: [Comparison; 10] = [
    compare("aurora", SATORI, "previewCpuMs", "cpuMs", 1.0 / 8.0),
    compare("aurora", TAKUMI, "previewCpuMs", "cpuMs", 1.0 / 2.0),
    compare("aurora", TAKUMI, "previewBytes", "pngBytes", 1.15),
    compare("aurora", TAKUMI, "deliveryCpuMs", "cpuMs", 1.0 / 2.0),
    compare("aurora", TAKUMI, "deliveryBytes", "pngBytes", 1.0),
    compare("all", SATORI, "previewCpuMs", "cpuMs", 1.0 / 8.0),
    compare("all", TAKUMI, "previewCpuMs", "cpuMs", 1.0 / 2.0),
    compare("all", TAKUMI, "previewBytes", "pngBytes", 1.15),
    compare("all", TAKUMI, "deliveryCpuMs", "cpuMs", 1.0 / 2.0),
    compare("all", TAKUMI, "deliveryBytes", "pngBytes", 1.0),
];

const SATORI: &str = "satori+resvg-js";
const TAKUMI: &str = "takumi";

const fn compare(
    case: &'static str,
    peer: &'static str,
    metric: &'static str,
    peer_metric: &'static str,
    ratio: f64,
) -> Comparison {
    Comparison {
        case,
        metric,
        standard: Standard::Peer {
            name: peer,
            metric: peer_metric,
            ratio,
        },
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
        peers: peers(&repo.path("bench/peers"))
            .map_or_else(|error| Peers::Missing(format!("{error:#}")), Peers::Program),
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
