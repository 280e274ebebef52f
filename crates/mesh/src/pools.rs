//! Bounds on how much of one dependency is used at a time, by name.
//!
//! For what is no service of ours: a model that answers, a database, a cache.
//! A target of the mesh may be counted in a pool as well.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use serde::Serialize;
use tonic::Status;

use crate::{
    config::PoolConfig,
    decisions::{DecisionKind, Decisions},
    room::{Held, Room},
    status::overloaded,
};

/// What is there without being configured.
const DEFAULTS: [(&str, u32); 5] = [
    ("ai", 50),
    ("cache", 100),
    ("database", 30),
    // As large as the one before, unless something else is said of them.
    ("database/read", 30),
    ("database/write", 30),
];
/// Of a pool that is configured without a size.
const DEFAULT_CONCURRENT: u32 = 50;
const DEFAULT_PENDING: u32 = 100;

/// When a shed use may come back.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// One dependency's room. Clones share it.
#[derive(Clone)]
pub struct DependencyPool {
    name: Arc<str>,
    room: Arc<Room>,
    source: Arc<str>,
    decisions: Decisions,
}

/// Leave to use a dependency once, until it is dropped.
#[derive(Debug)]
pub struct PoolPermit {
    _held: Held,
}

/// A pool as the admin page shows it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct PoolSnapshot {
    /// Uses at a time, at most.
    pub size: u32,
    /// Uses now.
    pub in_flight: u32,
    /// Uses waiting.
    pub pending: u32,
}

impl DependencyPool {
    /// Leave to use it, at once or after waiting in a bounded queue.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED with `RetryInfo` when too many wait already.
    pub async fn enter(&self) -> Result<PoolPermit, Status> {
        let held = self.hold().await?;
        Ok(PoolPermit { _held: held })
    }

    pub(crate) async fn hold(&self) -> Result<Held, Status> {
        if let Some(held) = self.room.enter().await {
            return Ok(held);
        }
        metrics::counter!("mesh_pool_shed_total",
            "source" => self.source.to_string(), "pool" => self.name.to_string())
        .increment(1);
        self.decisions.note(
            &self.name,
            DecisionKind::Shed,
            "the pool is full".to_owned(),
        );
        let message = format!("too many uses of {} are in flight", self.name);
        Err(overloaded(&message, RETRY_AFTER))
    }

    fn snapshot(&self) -> PoolSnapshot {
        PoolSnapshot {
            size: self.room.size(),
            in_flight: self.room.taken(),
            pending: self.room.waiting(),
        }
    }
}

impl fmt::Debug for DependencyPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DependencyPool({})", self.name)
    }
}

/// All pools of a process. Clones share them.
#[derive(Clone)]
pub(crate) struct Pools {
    by_name: Arc<RwLock<BTreeMap<String, DependencyPool>>>,
    source: Arc<str>,
    decisions: Decisions,
}

impl Pools {
    pub(crate) fn new(
        configured: &BTreeMap<String, PoolConfig>,
        source: Arc<str>,
        decisions: Decisions,
    ) -> Self {
        let pools = Self {
            by_name: Arc::default(),
            source,
            decisions,
        };
        pools.change(configured, &BTreeMap::new());
        pools
    }

    /// Other bounds from now on; what is in use stays in use. A pool that is
    /// no longer named goes back to its default and is never taken away.
    pub(crate) fn change(
        &self,
        configured: &BTreeMap<String, PoolConfig>,
        document: &BTreeMap<String, PoolConfig>,
    ) {
        let mut by_name = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        let defaults = DEFAULTS.iter().map(|(name, _)| (*name).to_owned());
        let known: Vec<String> = by_name.keys().cloned().collect();
        let names = defaults
            .chain(configured.keys().cloned())
            .chain(document.keys().cloned())
            .chain(known);
        for name in names.collect::<BTreeSet<_>>() {
            let of = base(&name);
            let levels = [
                document.get(&name),
                document.get(of),
                configured.get(&name),
                configured.get(of),
            ];
            let first = |field: fn(&PoolConfig) -> Option<u32>| {
                levels.iter().flatten().find_map(|level| field(level))
            };
            let usual = DEFAULTS.iter().find(|(known, _)| *known == name);
            let usual = usual.map_or(DEFAULT_CONCURRENT, |(_, size)| *size);
            let size = first(|pool| pool.concurrent).unwrap_or(usual);
            let pending = first(|pool| pool.pending).unwrap_or(DEFAULT_PENDING);
            match by_name.get(&name) {
                Some(pool) => pool.room.resize(size, pending),
                None => {
                    let pool = DependencyPool {
                        name: Arc::from(name.as_str()),
                        room: Arc::new(Room::new(size, pending)),
                        source: Arc::clone(&self.source),
                        decisions: self.decisions.clone(),
                    };
                    by_name.insert(name, pool);
                }
            }
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<DependencyPool> {
        let by_name = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        by_name.get(name).cloned()
    }

    pub(crate) fn snapshot(&self) -> BTreeMap<String, PoolSnapshot> {
        let by_name = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        by_name
            .iter()
            .map(|(name, pool)| (name.clone(), pool.snapshot()))
            .collect()
    }
}

/// The dependency that a pool is about: that of `database/read` is `database`.
fn base(name: &str) -> &str {
    name.split_once('/').map_or(name, |(base, _)| base)
}
