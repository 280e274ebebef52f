//! The whole platform in one process beside the bare renderer.
//!
//! Nobody else runs a platform of this kind, so it is held against what its
//! covers cost without it: render and encode in a plain loop, measured by the
//! same program between the requests. What the platform adds is everything
//! from HTTP to the database.

use anyhow::Result;

use super::contest::{Comparison, Contest, Peers};
use crate::repo::Repo;

/// Previews and generations per start. An account of the free tier has fifty
/// covers a month.
const COVERS: &str = "20";

const CASE: &str = "platform";
const BARE: &str = "bare render";

const COMPARISONS: [Comparison; 6] = [
    compare("previewCpuMs", 2.0),
    compare("previewMs", 2.0),
    compare("generateCpuMs", 5.0),
    compare("generateMs", 5.0),
    limit("idleRssMb", 100.0),
    limit("readyMs", 1_000.0),
];

/// A median of the platform's beside the same of the bare renderer.
const fn compare(metric: &'static str, ratio: f64) -> Comparison {
    Comparison::with(CASE, metric, BARE, ratio)
}

const fn limit(metric: &'static str, limit: f64) -> Comparison {
    Comparison::within(CASE, metric, limit)
}

/// Builds the binary as its users do, and the program that asks it for covers.
pub(super) fn prepare(repo: &Repo) -> Result<Contest> {
    Ok(Contest {
        ours: super::beside_binary(repo, "bench_platform", COVERS)?,
        peers: Peers::Ours,
        comparisons: &COMPARISONS,
    })
}
