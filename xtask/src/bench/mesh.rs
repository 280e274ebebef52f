//! The mesh beside bare tonic, in one process and by turns.

use anyhow::Result;

use super::contest::{Comparison, Contest, Peers, Standard};
use crate::process::Program;
use crate::repo::Repo;

const COMPARISONS: [Comparison; 7] = [
    compare("mesh", "cpuUs", "tonic", 1.1),
    limit("layers", "addedP50Us", 50.0),
    compare("inprocess", "cpuUs", "mesh", 0.1),
    compare("inprocess", "p50Us", "mesh", 0.1),
    limit("mesh, one of four killed", "failed", 5.0),
    limit("mesh, one of four killed", "failedLater", 0.0),
    limit("total outage", "amplification", 1.2),
];

/// A figure beside the same of another case.
const fn compare(
    case: &'static str,
    metric: &'static str,
    name: &'static str,
    ratio: f64,
) -> Comparison {
    Comparison {
        case,
        metric,
        standard: Standard::Peer {
            name,
            metric,
            ratio,
        },
    }
}

const fn limit(case: &'static str, metric: &'static str, limit: f64) -> Comparison {
    Comparison {
        case,
        metric,
        standard: Standard::Limit(limit),
    }
}

/// Builds the program, which measures tonic as well.
pub(super) fn prepare(repo: &Repo) -> Result<Contest> {
    let example = "bench_mesh";
    let build = ["build", "--release", "--package", "covergen-mesh"];
    let build = Program::cargo(repo).args(build);
    build.args(["--example", example]).run()?;
    let program = repo.target().join("release/examples").join(example);
    Ok(Contest {
        ours: Box::new(move || Program::new(&program)),
        peers: Peers::Ours,
        comparisons: &COMPARISONS,
    })
}
