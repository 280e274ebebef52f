//! The generated BFF beside Envoy's gRPC-JSON transcoder.
//!
//! One service stands behind both, and one core is theirs, each in its turn;
//! the program that asks checks every answer and that both answer the same
//! bytes.

use anyhow::Result;

use super::contest::{Comparison, Contest, Peers, Standard};
use crate::install;
use crate::process::Program;
use crate::repo::Repo;

const ENVOY: &str = "envoy";
const FAN: &str = "SSE, 1,000 streams";

const COMPARISONS: [Comparison; 7] = [
    compare("small GET", "cpuUs", "small GET", 0.5),
    compare("50-line GET", "cpuUs", "50-line GET", 0.5),
    compare("5.6 KB POST", "cpuUs", "5.6 KB POST", 0.5),
    compare("gRPC-web", "cpuUs", "gRPC-web", 1.0),
    compare(FAN, "cpuUsPerEvent", "events", 1.0),
    compare(FAN, "rssMb", "eventsRssMb", 1.0),
    Comparison {
        case: "memory",
        metric: "rssMb",
        standard: Standard::Limit(30.0),
    },
];

const fn compare(
    case: &'static str,
    metric: &'static str,
    peer_metric: &'static str,
    ratio: f64,
) -> Comparison {
    Comparison {
        case,
        metric,
        standard: Standard::Peer {
            name: ENVOY,
            metric: peer_metric,
            ratio,
        },
    }
}

/// Our program starts whatever it measures, Envoy too where it is there.
pub(super) fn prepare(repo: &Repo) -> Result<Contest> {
    let example = "bench_bff";
    // Built as images are: whole-program optimisation is a part of the figure.
    let build = ["build", "--profile", "dist", "--package", "covergen-bff"];
    let build = Program::cargo(repo).args(build);
    build.args(["--example", example]).run()?;
    let ours = repo.target().join("dist/examples").join(example);
    let envoy = install::ensure_envoy(repo);
    let peers = match &envoy {
        Ok(_) => Peers::Ours,
        Err(error) => Peers::Missing(format!("{error:#}")),
    };
    let envoy = envoy.ok();
    Ok(Contest {
        ours: Box::new(move || Program::new(&ours).args(&envoy)),
        peers,
        comparisons: &COMPARISONS,
    })
}
