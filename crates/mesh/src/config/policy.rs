//! How a target is called.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::MeshError;

/// Policy as configured: what is left out is taken from the level above, and
/// at the top from the documented default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyConfig {
    /// Deadline of a call that is not answered by a stream, whose method
    /// declares none (2,000).
    pub deadline_ms: Option<u32>,
    /// Time to connect (1,000).
    pub connect_timeout_ms: Option<u32>,
    /// Ping a connection this often, idle or not (10,000).
    pub keepalive_interval_ms: Option<u32>,
    /// Drop a connection whose ping is not answered for so long (5,000).
    pub keepalive_timeout_ms: Option<u32>,
    /// Unary calls in flight, per endpoint of the target (128).
    pub in_flight_per_endpoint: Option<u32>,
    /// Streams open, per endpoint of the target; counted apart, so that
    /// long-lived watchers cannot starve calls (128).
    pub streams_per_endpoint: Option<u32>,
    /// Calls waiting for room before the next is shed (100).
    pub pending: Option<u32>,
    /// Attempts in all (3); 1 turns retries off.
    pub retry_attempts: Option<u32>,
    /// Wait before the first retry, doubling, ±20 % (25).
    pub retry_backoff_min_ms: Option<u32>,
    /// Longest wait between attempts (250).
    pub retry_backoff_max_ms: Option<u32>,
    /// Retries as a share of calls over the last 10 s (20).
    pub retry_budget_percent: Option<u32>,
    /// Retries a second allowed on top of the share (3).
    pub retry_budget_per_second: Option<u32>,
    /// Failures in a row that open the breaker (5).
    pub breaker_consecutive_failures: Option<u32>,
    /// Share of failures in the window that opens it (50).
    pub breaker_failure_percent: Option<u32>,
    /// Calls the window must hold before the share counts (20).
    pub breaker_minimum_calls: Option<u32>,
    /// Length of the window (60,000).
    pub breaker_window_ms: Option<u32>,
    /// How long the breaker stays open at first; doubles each time (1,000).
    pub breaker_open_min_ms: Option<u32>,
    /// Longest time it stays open (60,000).
    pub breaker_open_max_ms: Option<u32>,
    /// Successes that close it again (2).
    pub breaker_successes_to_close: Option<u32>,
    /// How often names are looked up and files of endpoints read (5,000).
    pub discovery_refresh_ms: Option<u32>,
}

/// Policy in force.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Policy {
    pub(crate) deadline: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) keepalive_interval: Duration,
    pub(crate) keepalive_timeout: Duration,
    pub(crate) in_flight_per_endpoint: u32,
    pub(crate) streams_per_endpoint: u32,
    pub(crate) pending: u32,
    pub(crate) retry_attempts: u32,
    pub(crate) retry_backoff_min: Duration,
    pub(crate) retry_backoff_max: Duration,
    pub(crate) retry_budget_percent: u32,
    pub(crate) retry_budget_per_second: u32,
    pub(crate) breaker_consecutive_failures: u32,
    pub(crate) breaker_failure_percent: u32,
    pub(crate) breaker_minimum_calls: u32,
    pub(crate) breaker_window: Duration,
    pub(crate) breaker_open_min: Duration,
    pub(crate) breaker_open_max: Duration,
    pub(crate) breaker_successes_to_close: u32,
    pub(crate) discovery_refresh: Duration,
}

impl Policy {
    /// The first level that names a setting decides it.
    pub(crate) fn resolve(levels: &[&PolicyConfig]) -> Self {
        let number = |field: fn(&PolicyConfig) -> Option<u32>, default| {
            levels
                .iter()
                .find_map(|level| field(level))
                .unwrap_or(default)
        };
        let millis = |field, default| Duration::from_millis(number(field, default).into());
        Self {
            deadline: millis(|p| p.deadline_ms, 2_000),
            connect_timeout: millis(|p| p.connect_timeout_ms, 1_000),
            keepalive_interval: millis(|p| p.keepalive_interval_ms, 10_000),
            keepalive_timeout: millis(|p| p.keepalive_timeout_ms, 5_000),
            in_flight_per_endpoint: number(|p| p.in_flight_per_endpoint, 128),
            streams_per_endpoint: number(|p| p.streams_per_endpoint, 128),
            pending: number(|p| p.pending, 100),
            retry_attempts: number(|p| p.retry_attempts, 3),
            retry_backoff_min: millis(|p| p.retry_backoff_min_ms, 25),
            retry_backoff_max: millis(|p| p.retry_backoff_max_ms, 250),
            retry_budget_percent: number(|p| p.retry_budget_percent, 20),
            retry_budget_per_second: number(|p| p.retry_budget_per_second, 3),
            breaker_consecutive_failures: number(|p| p.breaker_consecutive_failures, 5),
            breaker_failure_percent: number(|p| p.breaker_failure_percent, 50),
            breaker_minimum_calls: number(|p| p.breaker_minimum_calls, 20),
            breaker_window: millis(|p| p.breaker_window_ms, 60_000),
            breaker_open_min: millis(|p| p.breaker_open_min_ms, 1_000),
            breaker_open_max: millis(|p| p.breaker_open_max_ms, 60_000),
            breaker_successes_to_close: number(|p| p.breaker_successes_to_close, 2),
            discovery_refresh: millis(|p| p.discovery_refresh_ms, 5_000),
        }
    }

    pub(crate) fn validate(&self, place: &str) -> Result<(), MeshError> {
        let millis = |duration: Duration| u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
        let day_ms = 86_400_000;
        let bounds = [
            ("deadline_ms", millis(self.deadline), 1, day_ms),
            (
                "connect_timeout_ms",
                millis(self.connect_timeout),
                1,
                60_000,
            ),
            (
                "keepalive_interval_ms",
                millis(self.keepalive_interval),
                100,
                day_ms,
            ),
            (
                "keepalive_timeout_ms",
                millis(self.keepalive_timeout),
                100,
                60_000,
            ),
            (
                "in_flight_per_endpoint",
                self.in_flight_per_endpoint,
                1,
                100_000,
            ),
            (
                "streams_per_endpoint",
                self.streams_per_endpoint,
                1,
                100_000,
            ),
            ("pending", self.pending, 0, 100_000),
            ("retry_attempts", self.retry_attempts, 1, 10),
            (
                "retry_backoff_min_ms",
                millis(self.retry_backoff_min),
                1,
                60_000,
            ),
            (
                "retry_backoff_max_ms",
                millis(self.retry_backoff_max),
                millis(self.retry_backoff_min),
                60_000,
            ),
            ("retry_budget_percent", self.retry_budget_percent, 0, 100),
            (
                "retry_budget_per_second",
                self.retry_budget_per_second,
                0,
                1_000,
            ),
            (
                "breaker_consecutive_failures",
                self.breaker_consecutive_failures,
                1,
                10_000,
            ),
            (
                "breaker_failure_percent",
                self.breaker_failure_percent,
                1,
                100,
            ),
            (
                "breaker_minimum_calls",
                self.breaker_minimum_calls,
                1,
                100_000,
            ),
            (
                "breaker_window_ms",
                millis(self.breaker_window),
                1_000,
                3_600_000,
            ),
            (
                "breaker_open_min_ms",
                millis(self.breaker_open_min),
                1,
                3_600_000,
            ),
            (
                "breaker_open_max_ms",
                millis(self.breaker_open_max),
                millis(self.breaker_open_min),
                3_600_000,
            ),
            (
                "breaker_successes_to_close",
                self.breaker_successes_to_close,
                1,
                1_000,
            ),
            (
                "discovery_refresh_ms",
                millis(self.discovery_refresh),
                10,
                3_600_000,
            ),
        ];
        for (name, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                return Err(MeshError::setting(
                    format!("{place}.{name}"),
                    format!("must be between {least} and {most}, not {value}"),
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_settles_is_bounded_all_the_same() {
        let policy = Policy::resolve(&[]);
        let seconds = |duration: Duration| duration.as_secs_f64();
        assert_eq!(seconds(policy.connect_timeout), 1.0);
        assert_eq!(seconds(policy.deadline), 2.0);
        // A connection that is silent is replaced within 15 seconds.
        assert_eq!(seconds(policy.keepalive_interval), 10.0);
        assert_eq!(seconds(policy.keepalive_timeout), 5.0);
        assert_eq!(policy.in_flight_per_endpoint, 128);
        assert_eq!(policy.streams_per_endpoint, 128);
        assert_eq!(policy.pending, 100);
        assert_eq!(policy.retry_attempts, 3);
        assert_eq!(seconds(policy.retry_backoff_min), 0.025);
        assert_eq!(seconds(policy.retry_backoff_max), 0.25);
        assert_eq!(policy.retry_budget_percent, 20);
        assert_eq!(policy.retry_budget_per_second, 3);
        assert_eq!(policy.breaker_consecutive_failures, 5);
        assert_eq!(policy.breaker_failure_percent, 50);
        assert_eq!(policy.breaker_minimum_calls, 20);
        assert_eq!(seconds(policy.breaker_window), 60.0);
        assert_eq!(seconds(policy.breaker_open_min), 1.0);
        assert_eq!(seconds(policy.breaker_open_max), 60.0);
        assert_eq!(policy.breaker_successes_to_close, 2);
        assert_eq!(seconds(policy.discovery_refresh), 5.0);
        policy.validate("defaults").unwrap();
    }
}
