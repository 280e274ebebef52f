//! Events from a transaction to whoever hears them, beside a bare NATS client
//! on the same server; tasks that wait for an answer, on more workers.

use anyhow::Result;

use super::contest::{Comparison, Contest, Peers};
use crate::install;
use crate::process::Program;
use crate::repo::Repo;

const COMPARISONS: [Comparison; 3] = [
    // Half of what a bare client publishes.
    Comparison::with("events", "eventUs", "async-nats", 2.0),
    Comparison::with("tasks, 2 workers", "taskMs", "one worker", 0.55),
    Comparison::with("tasks, 4 workers", "taskMs", "one worker", 0.30),
];

/// Builds the program, which starts a NATS server and measures it bare as well.
pub(super) fn prepare(repo: &Repo) -> Result<Contest> {
    install::ensure_engines(repo)?;
    let nats = repo.venv().join("bin/nats-server");
    let example = "bench_throughput";
    let build = ["build", "--release", "--package", "covergen-task"];
    let build = Program::cargo(repo).args(build);
    build.args(["--example", example]).run()?;
    let program = repo.target().join("release/examples").join(example);
    Ok(Contest {
        ours: Box::new(move || Program::new(&program).env("COVERGEN_NATS_SERVER", &nats)),
        peers: Peers::Ours,
        comparisons: &COMPARISONS,
    })
}
