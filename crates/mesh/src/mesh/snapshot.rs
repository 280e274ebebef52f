//! The mesh as the admin page shows it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Mesh, lock};
use crate::{
    Problem,
    client::{Back, BreakerSnapshot, BulkheadSnapshot},
    config::Layers,
    decisions::Decision,
    pools::PoolSnapshot,
    transport::EndpointSnapshot,
};

/// How one service's mesh stands: the targets called so far, and those that
/// routes of theirs lead to.
#[derive(Debug, Clone, Serialize)]
pub struct MeshSnapshot {
    /// The calling service.
    pub source: String,
    /// Whether the mesh's own layers are at work.
    pub layers: Layers,
    /// By name.
    pub targets: BTreeMap<String, TargetSnapshot>,
    /// Dependencies by name.
    pub pools: BTreeMap<String, PoolSnapshot>,
    /// The policy.
    pub policy: PolicySnapshot,
    /// What was lately decided, oldest first.
    pub decisions: Vec<Decision>,
}

/// One target as the admin page shows it.
#[derive(Debug, Clone, Serialize)]
pub struct TargetSnapshot {
    /// `inprocess` or where it is.
    pub address: String,
    /// Its breaker.
    pub breaker: BreakerSnapshot,
    /// What is in flight.
    pub in_flight: BulkheadSnapshot,
    /// Its endpoints, none when in process.
    pub endpoints: Vec<EndpointSnapshot>,
    /// Its routes: to each the targets it leads to, with their weights.
    pub splits: Vec<BTreeMap<String, u32>>,
}

/// The policy as the admin page shows it.
#[derive(Debug, Clone, Serialize)]
pub struct PolicySnapshot {
    /// What the document in force calls itself; empty without one.
    pub version: String,
    /// Documents put in force so far.
    pub changes: u64,
    /// What is wrong with the last document, if it was refused: a path and
    /// a sentence each.
    pub problems: Vec<(String, String)>,
}

impl TargetSnapshot {
    fn of(address: String, back: &Back, splits: Vec<BTreeMap<String, u32>>) -> Self {
        Self {
            address,
            breaker: back.breaker(),
            in_flight: back.in_flight(),
            endpoints: back.endpoints(),
            splits,
        }
    }
}

impl Mesh {
    /// How things stand now.
    pub fn snapshot(&self) -> MeshSnapshot {
        self.0.forget_backs();
        let targets = lock(&self.0.targets).clone();
        let backs = lock(&self.0.backs).clone();
        let targets = backs.iter().map(|(name, back)| {
            let routes = targets
                .get(name)
                .map(|target| target.splits.load().to_vec());
            let address = self.0.address(name);
            let splits = routes.unwrap_or_default();
            (name.clone(), TargetSnapshot::of(address, back, splits))
        });
        let in_force = self.0.policy.load();
        let problems = in_force
            .last_error
            .as_ref()
            .map_or(&[][..], |error| error.problems());
        let told = |problem: &Problem| (problem.path.clone(), problem.problem.clone());
        MeshSnapshot {
            source: self.0.source.to_string(),
            layers: self.0.config.layers,
            targets: targets.collect(),
            pools: self.0.pools.snapshot(),
            policy: PolicySnapshot {
                version: in_force.document.version.clone(),
                changes: in_force.changes,
                problems: problems.iter().map(told).collect(),
            },
            decisions: self.0.decisions.recent(),
        }
    }
}
