//! The policy document: how the mesh behaves, as data.
//!
//! The terms are those of gRPC's service config and of the gRFCs A6 (retries,
//! hedging), A28 and A31 (routes, weighted clusters) and A50 (outliers), so
//! that another source, such as xDS, could bring the same. A document is read
//! as a whole: either all of it is in force or none, and whoever wrote it is
//! told everything that is wrong with it at once.

mod check;
mod cluster;
mod levels;
mod matcher;
mod method;
mod reader;
mod route;
mod watch;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::Value;

pub(crate) use cluster::{DiscoveryPolicy, TargetPolicy};
pub(crate) use matcher::Matcher;
pub(crate) use method::{MethodPolicy, MethodRules};
pub(crate) use route::{Fault, Sticky};
pub(crate) use watch::follow;

use crate::{
    MethodLookup, ServiceLookup,
    config::{PolicyConfig, PoolConfig},
    discover::parse_document,
};
use reader::Node;

/// A document that was read and found right.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MeshPolicy {
    /// Told in the snapshot and in logs, so that one can see which is in force.
    pub(crate) version: String,
    pub(crate) defaults: TargetPolicy,
    pub(crate) targets: BTreeMap<String, TargetPolicy>,
    pub(crate) pools: BTreeMap<String, PoolConfig>,
}

/// Everything that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError(Vec<Problem>);

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands, such as `targets.cover.methodConfig[0].timeout`.
    pub path: String,
    /// What is wrong with it and what is allowed there.
    pub problem: String,
}

/// What a document may refer to, and what it is laid over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// Targets that exist without the document, with what is configured of each.
    pub(crate) targets: BTreeMap<String, PolicyConfig>,
    /// What is configured for all of them.
    pub(crate) defaults: PolicyConfig,
    /// Whose endpoints are found by a source of the process's own.
    pub(crate) sources: BTreeSet<String>,
    /// Finds methods in their contracts.
    pub(crate) lookup: Option<MethodLookup>,
    /// Tells which services have a contract.
    pub(crate) services: Option<ServiceLookup>,
    /// Tells what the services of contracts are called by.
    pub(crate) owners: Option<ServiceLookup>,
    pub(crate) fallbacks: BTreeSet<String>,
    pub(crate) pools: BTreeSet<String>,
    pub(crate) faults_allowed: bool,
}

impl PolicyError {
    pub(crate) fn of(problem: impl Into<String>) -> Self {
        Self(vec![Problem {
            path: "the document".to_owned(),
            problem: problem.into(),
        }])
    }

    /// All of it, in the order it stands in the document.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Problem { path, problem }) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{path}: {problem}")?;
        }
        Ok(())
    }
}

impl MeshPolicy {
    /// Reads JSON or YAML on its own terms: what it refers to outside itself
    /// is taken to exist, and faults to be allowed.
    ///
    /// # Errors
    /// All that is wrong, with the path of each.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let value = parse_document(text).map_err(PolicyError::of)?;
        Self::read(&value, None)
    }

    pub(crate) fn parse_knowing(text: &str, known: &Known) -> Result<Self, PolicyError> {
        let value = parse_document(text).map_err(PolicyError::of)?;
        Self::read(&value, Some(known))
    }

    pub(crate) fn read(value: &Value, known: Option<&Known>) -> Result<Self, PolicyError> {
        let problems = std::cell::RefCell::new(Vec::new());
        let root = Node::root(value, &problems);
        let policy = Self::from_node(&root);
        match known {
            Some(known) => policy.check(&root, known),
            None => policy.check_levels(&root, &Known::default()),
        }
        let problems = problems.into_inner();
        if problems.is_empty() {
            Ok(policy)
        } else {
            Err(PolicyError(problems))
        }
    }

    fn from_node(root: &Node<'_>) -> Self {
        let fields = root.fields(&["version", "defaults", "targets", "pools"]);
        let mut policy = Self::default();
        if let Some(version) = fields.get("version") {
            policy.version = match version.value() {
                Value::Number(number) => number.to_string(),
                _ => version.text().unwrap_or_default().to_owned(),
            };
        }
        if let Some(defaults) = fields.get("defaults") {
            policy.defaults = TargetPolicy::read_defaults(&defaults);
        }
        for (name, target) in fields.entries("targets") {
            policy
                .targets
                .insert(name.to_owned(), TargetPolicy::read(&target));
        }
        for (name, pool) in fields.entries("pools") {
            let bounds = pool.fields(&["maxConcurrent", "maxPending"]);
            let number = |field, range| bounds.get(field).and_then(|node| node.number(range));
            let config = PoolConfig {
                concurrent: number("maxConcurrent", 1..=100_000),
                pending: number("maxPending", 0..=100_000),
            };
            policy.pools.insert(name.to_owned(), config);
        }
        policy
    }
}

#[cfg(test)]
#[path = "policy/tests.rs"]
mod tests;
