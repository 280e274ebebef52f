//! Covers drawn on this machine by 1, 2 and 4 workers of one process.
//!
//! The peer is the same platform with one worker. The targets are those of a
//! machine with two cores, which is where this is run: two workers take little
//! more than half the time of one, and four no more than two.

use anyhow::Result;

use super::contest::{Comparison, Contest, Peers};
use crate::repo::Repo;

/// An account of the free tier has fifty covers a month.
const COVERS: &str = "40";

const COMPARISONS: [Comparison; 2] = [
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
