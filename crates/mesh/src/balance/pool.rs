//! The endpoints of one target as they come and go.

mod judge;
mod set;
mod tasks;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use arc_swap::ArcSwap;
use futures::{StreamExt, stream::FuturesUnordered};
use http::HeaderMap;
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::Instant,
};

use super::{BalanceRules, health};
use crate::{
    client::{Edge, Rooms},
    config::HostPort,
    decisions::{DecisionKind, Decisions},
    discover::Discover,
    hop::Failure,
    transport::{ConnectionPolicy, Endpoint, EndpointSnapshot, Lease},
};
use set::Set;

/// Endpoints that are asked at a time whether the target serves.
const MOST_ASKED: usize = 5;

/// What a pool is made of.
pub(crate) struct PoolSetup {
    pub(crate) edge: Edge,
    pub(crate) rules: Arc<BalanceRules>,
    pub(crate) connection: ConnectionPolicy,
    pub(crate) source: Arc<dyn Discover>,
    /// Known before anybody is asked, so that a listed target is there at once.
    pub(crate) listed: Vec<HostPort>,
    pub(crate) rooms: Rooms,
    pub(crate) decisions: Decisions,
}

/// The endpoints of one target.
///
/// Connected once it is called: connections are made in the background and
/// kept, and only connected endpoints are chosen from while there are any.
/// An endpoint that goes finishes what it has; one that comes is connected
/// before it is given load, unless it is all there is.
pub(crate) struct Pool {
    edge: Edge,
    connection: Arc<ArcSwap<ConnectionPolicy>>,
    source: ArcSwap<SourceCell>,
    rooms: Rooms,
    decisions: Decisions,
    set: ArcSwap<Set>,
    wanted: Mutex<Vec<Arc<Endpoint>>>,
    turn: AtomicUsize,
    started: AtomicBool,
    tasks: Mutex<JoinSet<()>>,
    resolved: watch::Sender<bool>,
    problem: Mutex<Option<String>>,
    /// Told of other rules: whoever waits may wait for too long.
    other_rules: Arc<Notify>,
}

/// `ArcSwap` holds sized things.
struct SourceCell(Arc<dyn Discover>);

impl Pool {
    pub(crate) fn new(setup: PoolSetup) -> Arc<Self> {
        let has_list = !setup.listed.is_empty();
        let pool = Self {
            edge: setup.edge,
            connection: Arc::new(ArcSwap::from_pointee(setup.connection)),
            source: ArcSwap::from_pointee(SourceCell(setup.source)),
            rooms: setup.rooms,
            decisions: setup.decisions,
            set: ArcSwap::from_pointee(Set::new(Vec::new(), setup.rules)),
            wanted: Mutex::default(),
            // Callers that start together must not all begin at the first.
            turn: AtomicUsize::new(rand::random_range(0..=usize::MAX / 2)),
            started: AtomicBool::new(false),
            tasks: Mutex::default(),
            resolved: watch::Sender::new(has_list),
            problem: Mutex::default(),
            other_rules: Arc::default(),
        };
        let pool = Arc::new(pool);
        pool.replace(&setup.listed);
        pool
    }

    pub(crate) fn target(&self) -> &str {
        &self.edge.target
    }

    pub(crate) fn snapshot(&self) -> Vec<EndpointSnapshot> {
        let decay = self.set.load().rules.decay;
        let wanted = lock(&self.wanted);
        wanted
            .iter()
            .map(|endpoint| endpoint.snapshot(decay))
            .collect()
    }

    /// Other rules from now on; endpoints keep their connections and records.
    pub(crate) fn change_rules(&self, rules: Arc<BalanceRules>) {
        // With the lock, or what is published meanwhile keeps the old ones.
        let wanted = lock(&self.wanted);
        let before = self.set.load_full();
        if before.rules == rules {
            return;
        }
        for endpoint in wanted.iter() {
            // Nobody would ever say that it is well again.
            if rules.asked().is_none() {
                endpoint.standing().set_healthy(true);
            }
            // Neither would anybody count its ejections (gRFC A50).
            if rules.outlier.is_none() {
                endpoint.standing().readmit();
            }
        }
        self.set
            .store(Arc::new(Set::new(before.list.to_vec(), rules)));
        drop(wanted);
        self.other_rules.notify_one();
    }

    /// Connections that are made from now on are made so; those there are take
    /// as many calls at once as it says.
    pub(crate) fn change_connection(&self, policy: ConnectionPolicy) {
        self.connection.store(Arc::new(policy));
        for endpoint in lock(&self.wanted).iter() {
            endpoint.resize();
        }
    }

    /// Another source from now on.
    pub(crate) fn change_source(self: &Arc<Self>, source: Arc<dyn Discover>) {
        self.source.store(Arc::new(SourceCell(source)));
        if self.started.load(Ordering::Relaxed) {
            let pool = Arc::downgrade(self);
            lock(&self.tasks).spawn(tasks::discover(pool));
        }
    }

    /// A connection for one attempt that begins at `at`, which is put off where
    /// it has to wait for one.
    pub(crate) async fn lease(
        self: &Arc<Self>,
        headers: &HeaderMap,
        avoid: u64,
        at: &mut Instant,
    ) -> Result<Lease, Failure> {
        if !self.started.swap(true, Ordering::Relaxed) {
            self.start();
        }
        {
            let set = self.set.load();
            if set.rules.layers_on
                && let Some(lease) = set.pick(headers, avoid, &self.turn, *at)
            {
                return Ok(lease);
            }
        }
        // Apart, since it is rare and every call would carry its size.
        let lease = Box::pin(self.connect(avoid)).await;
        *at = Instant::now();
        lease
    }

    /// None is ready: to the next in turn that can be connected to. Those that
    /// lately could not be, those taken out, and the one that just failed are
    /// tried when nothing else is left.
    async fn connect(&self, avoid: u64) -> Result<Lease, Failure> {
        if self.set.load().list.is_empty() {
            // Nobody was found yet; the deadline above bounds the wait.
            let _ = self
                .resolved
                .subscribe()
                .wait_for(|resolved| *resolved)
                .await;
        }
        let set = self.set.load_full();
        let first = if set.rules.layers_on {
            self.turn.fetch_add(1, Ordering::Relaxed)
        } else {
            0
        };
        let count = set.list.len();
        let mut in_turn: Vec<_> = (0..count)
            .map(|offset| &set.list[first.wrapping_add(offset) % count])
            .collect();
        let now = Instant::now();
        if set.rules.layers_on {
            in_turn.sort_by_key(|endpoint| {
                let is_fit = endpoint.standing().is_fit(now);
                (endpoint.is_shunned(), !is_fit, endpoint.id() == avoid)
            });
        }
        let mut last_problem = None;
        for endpoint in in_turn {
            match Lease::connected(endpoint).await {
                Ok(lease) => return Ok(lease),
                Err(problem) => last_problem = Some(problem.to_string()),
            }
        }
        let target = &self.edge.target;
        let problem = last_problem.or_else(|| lock(&self.problem).clone());
        Err(Failure::unsent(match problem {
            Some(problem) => format!("{target} cannot be reached: {problem}"),
            None => format!("{target} has no endpoints"),
        }))
    }

    /// Whether an endpoint says that it serves; `None` where endpoints are not
    /// asked. Of many a few answer for all, others each time.
    pub(crate) async fn serves(&self, service: &str) -> Option<bool> {
        let set = self.set.load_full();
        let rules = set.rules.asked()?;
        let service = match rules.service.as_str() {
            "" => service,
            configured => configured,
        };
        let first = self.turn.fetch_add(MOST_ASKED, Ordering::Relaxed);
        let count = set.list.len();
        let mut asked: FuturesUnordered<_> = (0..count.min(MOST_ASKED))
            .map(|offset| &set.list[first.wrapping_add(offset) % count])
            .map(|endpoint| health::serves(endpoint, service))
            .collect();
        while let Some(serves) = asked.next().await {
            if serves {
                return Some(true);
            }
        }
        Some(false)
    }

    /// Whether any other endpoint is connected.
    pub(crate) fn has_another(&self, than: u64) -> bool {
        let set = self.set.load();
        let mut others = set.list.iter().filter(|endpoint| endpoint.id() != than);
        others.any(|endpoint| endpoint.is_ready())
    }

    /// Takes over what a source answered.
    fn replace(self: &Arc<Self>, places: &[HostPort]) {
        let mut came = Vec::new();
        {
            let mut wanted = lock(&self.wanted);
            // There is nobody who could take the load meanwhile.
            let are_first = wanted.is_empty();
            let mut known: HashMap<_, _> = wanted
                .drain(..)
                .map(|endpoint| (endpoint.place().clone(), endpoint))
                .collect();
            for place in places {
                if wanted.iter().any(|endpoint| endpoint.place() == place) {
                    continue;
                }
                let endpoint = known.remove(place).unwrap_or_else(|| {
                    let new = Arc::new(Endpoint::new(place.clone(), Arc::clone(&self.connection)));
                    if are_first {
                        new.admit();
                    }
                    came.push(Arc::clone(&new));
                    new
                });
                wanted.push(endpoint);
            }
            if self.started.load(Ordering::Relaxed) {
                for (place, _) in known {
                    self.note_endpoint(format!("{place} went"));
                }
                for endpoint in &came {
                    self.note_endpoint(format!("{} came", endpoint.name()));
                }
            }
        }
        self.publish();
        if self.started.load(Ordering::Relaxed) {
            for endpoint in came {
                let pool = Arc::downgrade(self);
                lock(&self.tasks).spawn(async move {
                    if endpoint.sender().await.is_ok()
                        && let Some(pool) = pool.upgrade()
                    {
                        pool.publish();
                    }
                });
            }
        }
    }

    fn note_endpoint(&self, detail: String) {
        tracing::info!(
            target_service = &*self.edge.target,
            detail,
            "endpoints changed"
        );
        self.decisions
            .note(&self.edge.target, DecisionKind::Endpoint, detail);
    }

    /// Gives calls to what is wanted and admitted; to all that is wanted when
    /// nothing is.
    fn publish(&self) {
        let wanted = lock(&self.wanted);
        let mut list: Vec<_> = wanted
            .iter()
            .filter(|endpoint| endpoint.is_admitted())
            .map(Arc::clone)
            .collect();
        if list.is_empty() {
            list.clone_from(&wanted);
        }
        let before = self.set.load_full();
        let same = before.list.len() == list.len()
            && before
                .list
                .iter()
                .zip(&list)
                .all(|(a, b)| Arc::ptr_eq(a, b));
        if !same {
            self.rooms.set_endpoints(list.len());
            let rules = Arc::clone(&before.rules);
            self.set.store(Arc::new(Set::new(list, rules)));
        }
    }

    fn start(self: &Arc<Self>) {
        let mut running = lock(&self.tasks);
        running.spawn(tasks::keep(Arc::downgrade(self)));
        running.spawn(tasks::discover(Arc::downgrade(self)));
        running.spawn(tasks::check(Arc::downgrade(self)));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "pool/tests.rs"]
mod tests;
