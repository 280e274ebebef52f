//! Covers drawn on this machine by 1, 2 and 4 workers of one process.
//!
//! The peer is the same platform with one worker. Half of its time is not to
//! be had where one worker already keeps more than one core busy, so more of
//! them are also held against its processor time spread over all cores: up to
//! there they must scale. Four on two cores must cost no more than one.

use anyhow::Result;

use super::contest::{Comparison, Contest, Peers};
use crate::repo::Repo;

/// An account of the free tier has fifty covers a month.
const COVERS: &str = "40";

const COMPARISONS: [Comparison; 5] = [
    Comparison::with("2 workers", "coverMs", "all cores busy", 1.15),
    Comparison::with("4 workers", "coverMs", "all cores busy", 1.15),
    Comparison::with("4 workers", "cpuMs", "one worker", 1.1),
    Comparison::with("2 workers", "coverMs", "one worker", 0.55),
    Comparison::with("4 workers", "coverMs", "one worker", 0.55),
];

/// Builds the binary as its users do, and the program that asks it for covers.
pub(super) fn prepare(repo: &Repo) -> Result<Contest> {
    Ok(Contest {
        ours: super::beside_binary(repo, "bench_workers", COVERS)?,
        peers: Peers::Ours,
        comparisons: &COMPARISONS,
    })
}
