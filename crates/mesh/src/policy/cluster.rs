//! What a document says about one target.

use std::{path::PathBuf, time::Duration};

use super::{
    matcher::header_name,
    method::MethodPolicy,
    reader::{Fields, Node},
    route::{Fault, RoutePolicy},
};
use crate::{
    balance::{
        Algorithm, BalanceRules, DEFAULT_DECAY, FailurePercentage, HealthRules, OutlierRules,
        SuccessRate,
    },
    config::{HostPort, MAX_ENDPOINTS, PolicyConfig},
};

const DAY_MS: u32 = 86_400_000;
const HOUR_MS: u32 = 3_600_000;

/// What may be said of a target, and of all of them under `defaults`. What is
/// not said is `None` and decided elsewhere.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TargetPolicy {
    pub(crate) numbers: PolicyConfig,
    pub(crate) pool: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) discovery: Option<DiscoveryPolicy>,
    algorithm: Option<Algorithm>,
    decay: Option<Duration>,
    slow_start: Option<Duration>,
    outlier: Option<Option<OutlierRules>>,
    health: Option<Option<HealthRules>>,
    pub(crate) methods: Vec<MethodPolicy>,
    pub(crate) routes: Vec<RoutePolicy>,
    pub(crate) faults: Vec<Fault>,
}

/// Where a target's endpoints are listed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DiscoveryPolicy {
    Static(Vec<HostPort>),
    Dns(HostPort, Duration),
    File(PathBuf, Duration),
}

const DEFAULTS: [&str; 12] = [
    "timeout",
    "connection",
    "bulkhead",
    "retryBudget",
    "circuitBreaker",
    "loadBalancingConfig",
    "slowStart",
    "outlierDetection",
    "healthCheckConfig",
    "methodConfig",
    "faults",
    "retryPolicy",
];

impl TargetPolicy {
    /// How the target's endpoints are used: its own word first, then that of
    /// the defaults.
    pub(crate) fn balance(&self, defaults: &Self, layers_on: bool) -> BalanceRules {
        let plain = BalanceRules::default();
        let levels = [self, defaults];
        let first =
            |field: fn(&Self) -> Option<Duration>| levels.iter().find_map(|level| field(level));
        BalanceRules {
            layers_on,
            algorithm: levels
                .iter()
                .find_map(|level| level.algorithm.clone())
                .unwrap_or(plain.algorithm),
            decay: first(|level| level.decay).unwrap_or(plain.decay),
            slow_start: first(|level| level.slow_start).unwrap_or(plain.slow_start),
            outlier: levels
                .iter()
                .find_map(|level| level.outlier.clone())
                .unwrap_or(plain.outlier),
            health: levels
                .iter()
                .find_map(|level| level.health.clone())
                .unwrap_or(plain.health),
        }
    }

    pub(super) fn read_defaults(node: &Node<'_>) -> Self {
        Self::read_fields(&node.fields(&DEFAULTS))
    }

    pub(super) fn read(node: &Node<'_>) -> Self {
        let mut allowed = DEFAULTS.to_vec();
        allowed.extend(["discovery", "service", "routes"]);
        let fields = node.fields(&allowed);
        let mut target = Self::read_fields(&fields);
        target.service = fields
            .get("service")
            .and_then(|node| node.text())
            .map(str::to_owned);
        target.discovery = fields
            .get("discovery")
            .and_then(|node| DiscoveryPolicy::read(&node));
        target.routes = fields
            .items("routes")
            .iter()
            .map(RoutePolicy::read)
            .collect();
        target
    }

    fn read_fields(fields: &Fields<'_>) -> Self {
        let mut target = Self::default();
        target.numbers.deadline_ms = fields.millis("timeout", 1, DAY_MS);
        if let Some(node) = fields.get("connection") {
            connection(&node, &mut target.numbers);
        }
        if let Some(node) = fields.get("bulkhead") {
            target.pool = bulkhead(&node, &mut target.numbers);
        }
        if let Some(node) = fields.get("retryBudget") {
            let budget = node.fields(&["percent", "minRetriesPerSecond"]);
            target.numbers.retry_budget_percent = budget.number("percent", 0..=100);
            target.numbers.retry_budget_per_second =
                budget.number("minRetriesPerSecond", 0..=1_000);
        }
        if let Some(node) = fields.get("retryPolicy") {
            retry(&node, &mut target.numbers);
        }
        if let Some(node) = fields.get("circuitBreaker") {
            breaker(&node, &mut target.numbers);
        }
        if let Some(node) = fields.get("loadBalancingConfig") {
            (target.algorithm, target.decay) = load_balancing(&node);
        }
        target.slow_start = fields.duration("slowStart", 0, HOUR_MS.into());
        target.outlier = fields.get("outlierDetection").map(|node| outlier(&node));
        target.health = fields.get("healthCheckConfig").map(|node| health(&node));
        target.methods = fields
            .items("methodConfig")
            .iter()
            .map(MethodPolicy::read)
            .collect();
        target.faults = fields.items("faults").iter().map(Fault::read).collect();
        target
    }
}

fn connection(node: &Node<'_>, numbers: &mut PolicyConfig) {
    let fields = node.fields(&["connectTimeout", "keepaliveTime", "keepaliveTimeout"]);
    numbers.connect_timeout_ms = fields.millis("connectTimeout", 1, 60_000);
    numbers.keepalive_interval_ms = fields.millis("keepaliveTime", 100, DAY_MS);
    numbers.keepalive_timeout_ms = fields.millis("keepaliveTimeout", 100, 60_000);
}

fn bulkhead(node: &Node<'_>, numbers: &mut PolicyConfig) -> Option<String> {
    let fields = node.fields(&[
        "maxRequestsPerEndpoint",
        "maxStreamsPerEndpoint",
        "maxPending",
        "pool",
    ]);
    numbers.in_flight_per_endpoint = fields.number("maxRequestsPerEndpoint", 1..=100_000);
    numbers.streams_per_endpoint = fields.number("maxStreamsPerEndpoint", 1..=100_000);
    numbers.pending = fields.number("maxPending", 0..=100_000);
    Some(fields.get("pool")?.text()?.to_owned())
}

fn retry(node: &Node<'_>, numbers: &mut PolicyConfig) {
    let fields = node.fields(&["maxAttempts", "initialBackoff", "maxBackoff"]);
    numbers.retry_attempts = fields.number("maxAttempts", 1..=10);
    numbers.retry_backoff_min_ms = fields.millis("initialBackoff", 1, 60_000);
    numbers.retry_backoff_max_ms = fields.millis("maxBackoff", 1, 60_000);
}

fn breaker(node: &Node<'_>, numbers: &mut PolicyConfig) {
    let fields = node.fields(&[
        "consecutiveFailures",
        "failurePercentage",
        "minimumRequests",
        "window",
        "baseOpenTime",
        "maxOpenTime",
        "successesToClose",
    ]);
    numbers.breaker_consecutive_failures = fields.number("consecutiveFailures", 1..=10_000);
    numbers.breaker_failure_percent = fields.number("failurePercentage", 1..=100);
    numbers.breaker_minimum_calls = fields.number("minimumRequests", 1..=100_000);
    numbers.breaker_window_ms = fields.millis("window", 1_000, HOUR_MS);
    numbers.breaker_open_min_ms = fields.millis("baseOpenTime", 1, HOUR_MS);
    numbers.breaker_open_max_ms = fields.millis("maxOpenTime", 1, HOUR_MS);
    numbers.breaker_successes_to_close = fields.number("successesToClose", 1..=1_000);
}

/// A list of one, as in a service config.
fn load_balancing(node: &Node<'_>) -> (Option<Algorithm>, Option<Duration>) {
    const ALLOWED: [&str; 4] = ["p2c_peak_ewma", "round_robin", "least_request", "ring_hash"];
    let list = node.list();
    let [one] = list.as_slice() else {
        node.fail(format!("expected a list of one of {ALLOWED:?}"));
        return (None, None);
    };
    let fields = one.fields(&ALLOWED);
    let named = ALLOWED.iter().filter(|name| fields.get(name).is_some());
    if named.count() > 1 {
        one.fail(format!("expected one of {ALLOWED:?}, not several"));
        return (None, None);
    }
    if let Some(node) = fields.get("p2c_peak_ewma") {
        let decay = node
            .fields(&["decay"])
            .duration("decay", 100, HOUR_MS.into());
        return (Some(Algorithm::PeakEwma), decay.or(Some(DEFAULT_DECAY)));
    }
    if let Some(node) = fields.get("round_robin") {
        node.fields(&[]);
        return (Some(Algorithm::RoundRobin), None);
    }
    if let Some(node) = fields.get("least_request") {
        let choices = node.fields(&["choiceCount"]).number("choiceCount", 2..=10);
        let choices = choices.unwrap_or(2);
        return (Some(Algorithm::LeastRequest { choices }), None);
    }
    let Some(node) = fields.get("ring_hash") else {
        one.fail(format!("expected one of {ALLOWED:?}"));
        return (None, None);
    };
    let fields = node.fields(&["header", "pointsPerEndpoint"]);
    let Some(header) = fields.get("header") else {
        node.fail("`ring_hash` needs the `header` to hash");
        return (None, None);
    };
    let points = fields
        .number("pointsPerEndpoint", 16..=1_024)
        .unwrap_or(256);
    let ring = header_name(&header).map(|header| Algorithm::RingHash { header, points });
    (ring, None)
}

fn outlier(node: &Node<'_>) -> Option<OutlierRules> {
    let fields = node.fields(&[
        "enabled",
        "interval",
        "baseEjectionTime",
        "maxEjectionTime",
        "maxEjectionPercent",
        "consecutiveFailures",
        "successRateEjection",
        "failurePercentageEjection",
    ]);
    let mut rules = OutlierRules::default();
    let long = u64::from(HOUR_MS);
    let set = |target: &mut Duration, name| {
        *target = fields.duration(name, 10, long).unwrap_or(*target);
    };
    set(&mut rules.interval, "interval");
    set(&mut rules.base_ejection, "baseEjectionTime");
    set(&mut rules.max_ejection, "maxEjectionTime");
    if rules.base_ejection > rules.max_ejection {
        node.fail("`baseEjectionTime` must not be longer than `maxEjectionTime`, which is 300s if it is not said");
    }
    let number = |name, range, default| fields.number(name, range).unwrap_or(default);
    rules.max_percent = number("maxEjectionPercent", 0..=100, rules.max_percent);
    rules.consecutive_failures = number(
        "consecutiveFailures",
        1..=10_000,
        rules.consecutive_failures,
    );
    if let Some(node) = fields.get("successRateEjection") {
        let fields = node.fields(&["stdevFactor", "minimumHosts", "requestVolume"]);
        let plain = SuccessRate::default();
        rules.success_rate = Some(SuccessRate {
            stdev_factor: fields
                .number("stdevFactor", 0..=100_000)
                .unwrap_or(plain.stdev_factor),
            minimum_hosts: fields
                .number("minimumHosts", 2..=256)
                .unwrap_or(plain.minimum_hosts),
            request_volume: fields
                .number("requestVolume", 1..=1_000_000)
                .unwrap_or(plain.request_volume),
        });
    }
    if let Some(node) = fields.get("failurePercentageEjection") {
        let fields = node.fields(&["threshold", "minimumHosts", "requestVolume"]);
        let plain = FailurePercentage::default();
        rules.failure_percentage = Some(FailurePercentage {
            threshold: fields
                .number("threshold", 0..=100)
                .unwrap_or(plain.threshold),
            minimum_hosts: fields
                .number("minimumHosts", 1..=256)
                .unwrap_or(plain.minimum_hosts),
            request_volume: fields
                .number("requestVolume", 1..=1_000_000)
                .unwrap_or(plain.request_volume),
        });
    }
    enabled(&fields).then_some(rules)
}

fn health(node: &Node<'_>) -> Option<HealthRules> {
    let fields = node.fields(&["enabled", "serviceName", "interval", "timeout"]);
    let plain = HealthRules::default();
    let service = fields.get("serviceName").and_then(|node| node.text());
    let rules = HealthRules {
        service: service.unwrap_or_default().to_owned(),
        interval: fields
            .duration("interval", 10, HOUR_MS.into())
            .unwrap_or(plain.interval),
        timeout: fields
            .duration("timeout", 10, 60_000)
            .unwrap_or(plain.timeout),
    };
    enabled(&fields).then_some(rules)
}

fn enabled(fields: &Fields<'_>) -> bool {
    let enabled = fields.get("enabled").and_then(|node| node.flag());
    enabled.unwrap_or(true)
}

impl DiscoveryPolicy {
    fn read(node: &Node<'_>) -> Option<Self> {
        let fields = node.fields(&["static", "dns", "file", "refresh"]);
        let sources = ["static", "dns", "file"];
        if sources
            .iter()
            .filter(|name| fields.get(name).is_some())
            .count()
            != 1
        {
            node.fail(format!("expected one of {sources:?}"));
            return None;
        }
        let refresh = fields.duration("refresh", 10, HOUR_MS.into());
        let refresh = refresh.unwrap_or(Duration::from_secs(5));
        if let Some(list) = fields.get("static") {
            let places = list.list();
            if places.len() > MAX_ENDPOINTS {
                let count = places.len();
                list.fail(format!("at most {MAX_ENDPOINTS} endpoints, not {count}"));
                return None;
            }
            return Some(Self::Static(places.iter().filter_map(place).collect()));
        }
        if let Some(name) = fields.get("dns") {
            return Some(Self::Dns(place(&name)?, refresh));
        }
        let file = fields.get("file")?;
        let path = PathBuf::from(file.text()?);
        if !path.is_absolute() {
            // Processes that share a document run in folders of their own.
            file.fail("expected the whole path of a file, from `/`");
            return None;
        }
        Some(Self::File(path, refresh))
    }
}

fn place(node: &Node<'_>) -> Option<HostPort> {
    let place = HostPort::parse(node.text()?);
    if place.is_none() {
        node.fail("expected `http://host:port`");
    }
    place
}
