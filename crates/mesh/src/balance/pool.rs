//! The endpoints of one target as they come and go.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use http::HeaderMap;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep},
};

use super::{
    BalanceRules, health,
    pick::{Candidates, Picker},
};
use crate::{
    client::{Edge, Rooms, Verdict},
    config::HostPort,
    decisions::{DecisionKind, Decisions},
    discover::Discover,
    hop::Failure,
    transport::{ConnectionPolicy, Endpoint, EndpointSnapshot, Lease},
};

/// How often connections are looked after: long enough to cost nothing, short
/// enough that an endpoint that is back is not missed for long.
const KEEP_INTERVAL: Duration = Duration::from_millis(500);

/// When a source is asked again that could not answer, at the latest.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

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
    connection: ConnectionPolicy,
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
}

/// `ArcSwap` holds sized things.
struct SourceCell(Arc<dyn Discover>);

/// What calls are given to, replaced as a whole.
struct Set {
    list: Box<[Arc<Endpoint>]>,
    picker: Picker,
    rules: Arc<BalanceRules>,
}

impl Set {
    fn new(list: Vec<Arc<Endpoint>>, rules: Arc<BalanceRules>) -> Self {
        let names = list.iter().map(|endpoint| endpoint.name());
        Self {
            picker: Picker::new(rules.algorithm.clone(), names),
            list: list.into_boxed_slice(),
            rules,
        }
    }

    fn pick(&self, headers: &HeaderMap, avoid: u64, turn: &AtomicUsize) -> Option<Lease> {
        let now = Instant::now();
        let view = View {
            set: self,
            now,
            avoid,
        };
        let index = self.picker.pick(&view, headers, turn)?;
        Lease::ready(&self.list[index])
    }
}

struct View<'a> {
    set: &'a Set,
    now: Instant,
    avoid: u64,
}

impl Candidates for View<'_> {
    fn count(&self) -> usize {
        self.set.list.len()
    }

    fn usable(&self, index: usize) -> bool {
        let endpoint = &self.set.list[index];
        endpoint.id() != self.avoid && endpoint.standing().is_fit(self.now) && endpoint.is_ready()
    }

    fn cost(&self, index: usize) -> f64 {
        let load = self.set.list[index].load_record();
        load.cost(self.set.rules.decay, self.now)
    }

    fn pending(&self, index: usize) -> u32 {
        self.set.list[index].load_record().pending()
    }

    fn share(&self, index: usize) -> f64 {
        let standing = self.set.list[index].standing();
        standing.share(self.set.rules.slow_start, self.now)
    }
}

impl Pool {
    pub(crate) fn new(setup: PoolSetup) -> Arc<Self> {
        let has_list = !setup.listed.is_empty();
        let pool = Self {
            edge: setup.edge,
            connection: setup.connection,
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
        let before = self.set.load_full();
        if before.rules == rules {
            return;
        }
        self.set
            .store(Arc::new(Set::new(before.list.to_vec(), rules)));
    }

    /// Another source from now on.
    pub(crate) fn change_source(self: &Arc<Self>, source: Arc<dyn Discover>) {
        self.source.store(Arc::new(SourceCell(source)));
        if self.started.load(Ordering::Relaxed) {
            let pool = Arc::downgrade(self);
            lock(&self.tasks).spawn(discover(pool));
        }
    }

    /// A connection for one attempt.
    pub(crate) async fn lease(
        self: &Arc<Self>,
        headers: &HeaderMap,
        avoid: u64,
    ) -> Result<Lease, Failure> {
        if !self.started.swap(true, Ordering::Relaxed) {
            self.start();
        }
        {
            let set = self.set.load();
            if set.rules.layers_on
                && let Some(lease) = set.pick(headers, avoid, &self.turn)
            {
                return Ok(lease);
            }
        }
        self.connect(avoid).await
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

    /// Notes how an attempt ended.
    pub(crate) fn record(
        &self,
        endpoint: &Arc<Endpoint>,
        verdict: Verdict,
        took: Duration,
        now: Instant,
    ) {
        let set = self.set.load();
        let (load, decay) = (endpoint.load_record(), set.rules.decay);
        match verdict {
            Verdict::Healthy => load.answered(took, decay, now),
            Verdict::Failing => load.failed(took, decay, now),
            Verdict::Unclear => return load.abandoned(took, decay, now),
        }
        let Some(rules) = set.rules.outlier.as_ref().filter(|_| set.rules.layers_on) else {
            return;
        };
        let failed = verdict == Verdict::Failing;
        if endpoint.standing().record(failed, rules, now) {
            self.eject(&set, endpoint, "consecutive failures", now);
        }
    }

    fn eject(&self, set: &Set, endpoint: &Endpoint, why: &str, now: Instant) {
        let Some(rules) = &set.rules.outlier else {
            return;
        };
        // One at a time, or two could take the last two out together.
        let _one = lock(&self.wanted);
        let out = |endpoint: &&Arc<Endpoint>| endpoint.standing().is_ejected(now);
        let already = set.list.iter().filter(out).count();
        if endpoint.standing().is_ejected(now) || already >= rules.most_out(set.list.len()) {
            return;
        }
        let length = endpoint.standing().eject(rules, set.rules.slow_start, now);
        metrics::counter!("mesh_ejections_total",
            "source" => self.edge.source.to_string(), "target" => self.edge.target.to_string())
        .increment(1);
        let seconds = length.as_secs_f32();
        tracing::warn!(
            target_service = &*self.edge.target,
            endpoint = endpoint.name(),
            seconds,
            why,
            "endpoint ejected"
        );
        let detail = format!("{} for {seconds} s: {why}", endpoint.name());
        self.decisions
            .note(&self.edge.target, DecisionKind::Eject, detail);
    }

    /// Compares the endpoints' success rates.
    fn sweep(&self, now: Instant) {
        let set = self.set.load_full();
        let Some(rules) = set.rules.outlier.as_ref().filter(|_| set.rules.layers_on) else {
            return;
        };
        let totals: Vec<_> = set
            .list
            .iter()
            .map(|endpoint| {
                endpoint.standing().calm(now);
                endpoint.standing().totals(now)
            })
            .collect();
        for index in rules.outliers(&totals) {
            self.eject(&set, &set.list[index], "success rate", now);
        }
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
                    let new = Arc::new(Endpoint::new(place.clone(), self.connection.clone()));
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
        // By name, so that every process makes the same ring.
        list.sort_by(|a, b| a.name().cmp(b.name()));
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
        let mut tasks = lock(&self.tasks);
        tasks.spawn(keep(Arc::downgrade(self)));
        tasks.spawn(discover(Arc::downgrade(self)));
        tasks.spawn(check(Arc::downgrade(self)));
    }
}

/// Keeps connections, compares success rates.
async fn keep(pool: Weak<Pool>) {
    let mut tick = interval(KEEP_INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut swept = Instant::now();
    loop {
        tick.tick().await;
        let Some(pool) = pool.upgrade() else { return };
        let now = Instant::now();
        let set = pool.set.load_full();
        let wanted: Vec<_> = lock(&pool.wanted).clone();
        // A proxy that balances is one place; it is connected by its calls.
        if set.rules.layers_on {
            for endpoint in &wanted {
                endpoint.kick(now);
            }
        }
        // Ended tasks are let go of.
        while lock(&pool.tasks).try_join_next().is_some() {}
        pool.publish();
        let due = set.rules.outlier.as_ref().map(|rules| rules.interval);
        if due.is_some_and(|due| now - swept >= due) {
            swept = now;
            pool.sweep(now);
        }
    }
}

/// Asks the source, as often as it wants to be asked.
async fn discover(weak: Weak<Pool>) {
    let Some(source) = weak.upgrade().map(|pool| pool.source.load_full()) else {
        return;
    };
    let mut failing = false;
    loop {
        let answer = source.0.resolve().await;
        let Some(pool) = weak.upgrade() else { return };
        // Another source took over.
        if !Arc::ptr_eq(&source, &pool.source.load()) {
            return;
        }
        let mut wait = source.0.refresh();
        match answer {
            Ok(places) => {
                failing = false;
                *lock(&pool.problem) = None;
                pool.replace(&places);
            }
            Err(error) => {
                if !failing {
                    failing = true;
                    pool.note_endpoint(format!("kept as they are: {error}"));
                }
                tracing::warn!(target_service = pool.target(), %error, "endpoints not found out; keeping those there are");
                metrics::counter!("mesh_discovery_failures_total", "target" => pool.target().to_owned()).increment(1);
                *lock(&pool.problem) = Some(error.to_string());
                wait = Some(wait.unwrap_or(AFTER_FAILURE).min(AFTER_FAILURE));
            }
        }
        pool.resolved.send_replace(true);
        drop(pool);
        let Some(wait) = wait else { return };
        sleep(wait).await;
    }
}

/// Asks each endpoint for its health.
async fn check(weak: Weak<Pool>) {
    loop {
        let Some(pool) = weak.upgrade() else { return };
        let set = pool.set.load_full();
        drop(pool);
        let rules = set.rules.health.as_ref().filter(|_| set.rules.layers_on);
        let Some(rules) = rules else {
            sleep(super::HealthRules::default().interval).await;
            continue;
        };
        sleep(rules.interval).await;
        let checks = set
            .list
            .iter()
            .map(|endpoint| health::check(endpoint, rules));
        let found = futures::future::join_all(checks).await;
        let Some(pool) = weak.upgrade() else { return };
        for (endpoint, healthy) in set.list.iter().zip(found) {
            let Some(healthy) = healthy else { continue };
            if endpoint.standing().set_healthy(healthy) {
                let word = if healthy { "healthy" } else { "unhealthy" };
                pool.note_endpoint(format!("{} is {word}", endpoint.name()));
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
