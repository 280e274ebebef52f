use std::time::Duration;

use serde::Deserialize;

/// Bounds and waits of a relay.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RelayOptions {
    /// Wait between two looks at the outbox when nothing wakes the relay.
    pub poll_ms: u32,
    /// Events published at once.
    pub event_batch: u32,
    /// Events published at once when more and more are found waiting: each
    /// full batch is followed by one of twice the size, up to this.
    pub max_event_batch: u32,
    /// Commands under way at once.
    pub max_commands: u32,
    /// How long a relay owns the rows it took (PostgreSQL).
    pub lease_ms: u32,
    /// Longest dispatch; shorter than the lease.
    pub dispatch_timeout_ms: u32,
    /// Wait before the second attempt; it doubles with each.
    pub backoff_min_ms: u32,
    /// Longest wait between attempts.
    pub backoff_max_ms: u32,
}

impl Default for RelayOptions {
    fn default() -> Self {
        Self {
            poll_ms: 1_000,
            event_batch: 128,
            max_event_batch: 512,
            max_commands: 64,
            lease_ms: 10_000,
            dispatch_timeout_ms: 8_000,
            backoff_min_ms: 100,
            backoff_max_ms: 5_000,
        }
    }
}

impl RelayOptions {
    pub(super) fn poll(&self) -> Duration {
        Duration::from_millis(u64::from(self.poll_ms.max(1)))
    }

    pub(super) fn dispatch_timeout(&self) -> Duration {
        Duration::from_millis(u64::from(self.dispatch_timeout_ms))
    }

    /// The wait after `attempt` failed (1 for the first): doubled each time up
    /// to the bound, then a random half of it, so that relays do not retry in
    /// step.
    pub(super) fn backoff(&self, attempt: u32) -> Duration {
        let doubled = u64::from(self.backoff_min_ms) << (attempt.saturating_sub(1)).min(20);
        let bound_ms = doubled.min(u64::from(self.backoff_max_ms)).max(1);
        Duration::from_millis(bound_ms / 2 + rand::random_range(0..=bound_ms.div_ceil(2)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_the_bound() {
        let options = RelayOptions::default();
        for (attempt, low_ms, high_ms) in [
            (1, 50, 100),
            (2, 100, 200),
            (7, 2_500, 5_001),
            (u32::MAX, 2_500, 5_001),
        ] {
            let wait = options.backoff(attempt).as_millis();
            assert!(
                (low_ms..=high_ms).contains(&wait),
                "attempt {attempt}: {wait} ms"
            );
        }
    }
}
