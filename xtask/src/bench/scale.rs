//! The same requests with 1,000 rows in every table that grows, and with a
//! million.
//!
//! The peer is the platform itself when little was kept: what a request costs
//! must not depend on that. Needs some 20 GB for a while.

use anyhow::Result;

use super::contest::{Comparison, Contest, Peers};
use crate::repo::Repo;

const ROWS: &str = "1000000";

const COMPARISONS: [Comparison; 14] = [
    compare("profileCpuMs"),
    compare("quotaCpuMs"),
    compare("historyCpuMs"),
    compare("sessionsCpuMs"),
    compare("coversCpuMs"),
    compare("coversByTitleCpuMs"),
    compare("coverCpuMs"),
    compare("generationsCpuMs"),
    compare("favoriteCpuMs"),
    compare("assetsCpuMs"),
    compare("notificationsCpuMs"),
    compare("loginCpuMs"),
    compare("allCpuMs"),
    compare("allPages"),
];

const fn compare(metric: &'static str) -> Comparison {
    Comparison::with("scale", metric, "1,000 rows", 1.2)
}

/// Builds the binary, and the program that fills its tables and asks it.
pub(super) fn prepare(repo: &Repo) -> Result<Contest> {
    Ok(Contest {
        ours: super::beside_binary(repo, "bench_scale", ROWS)?,
        peers: Peers::Ours,
        comparisons: &COMPARISONS,
    })
}
