//! The mesh beside bare tonic, in one process and by turns.

use anyhow::Result;

use super::contest::{Comparison, Contest, Peers};
use crate::process::Program;
use crate::repo::Repo;

const HERE: &str = "service in this process";

const COMPARISONS: [Comparison; 11] = [
    Comparison::with("mesh", "cpuUs", "tonic", 1.1),
    // The layers alone: the same client and server over the library's transport.
    Comparison::with("mesh", "cpuUs", "light", 1.1),
    Comparison::within("layers", "addedP50Us", 50.0),
    Comparison::with("inprocess", "cpuUs", "mesh", 0.1),
    Comparison::with("inprocess", "p50Us", "mesh", 0.1),
    // As the platform is run: in one process, or in several.
    Comparison::with(HERE, "cpuUs", "service in another process", 0.1),
    Comparison::with(HERE, "p50Us", "service in another process", 0.1),
    Comparison::within("mesh, one of four killed", "failed", 5.0),
    Comparison::within("mesh, one of four killed", "failedLater", 0.0),
    Comparison::within("total outage", "amplification", 1.2),
    // The retry budget alone.
    Comparison::within("total outage", "withoutBreaker", 1.2),
];

/// Builds the program, which measures tonic as well.
pub(super) fn prepare(repo: &Repo) -> Result<Contest> {
    let example = "bench_mesh";
    let build = ["build", "--profile", "dist", "--package", "covergen-mesh"];
    let build = Program::cargo(repo).args(build);
    build.args(["--example", example]).run()?;
    let program = repo.target().join("dist/examples").join(example);
    Ok(Contest {
        ours: Box::new(move || Program::new(&program)),
        peers: Peers::Ours,
        comparisons: &COMPARISONS,
    })
}
