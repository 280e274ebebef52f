use serde::Deserialize;

/// The `[services.safety]` section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// How often it is asked whether the rules have changed, in milliseconds:
    /// a net, since every change is told.
    pub refresh_interval_ms: u64,
    /// How long after a violation one may appeal, in days. The Digital
    /// Services Act asks for six months at least.
    pub appeal_window_days: u32,
    /// How long a reviewer has to decide an appeal, in days.
    pub appeal_decision_days: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            refresh_interval_ms: 5_000,
            appeal_window_days: 184,
            appeal_decision_days: 14,
        }
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

impl Config {
    /// Until when one may appeal against what happened then.
    pub(crate) fn appealable_until_ms(&self, then_ms: i64) -> i64 {
        then_ms + i64::from(self.appeal_window_days) * DAY_MS
    }

    /// By when an appeal made then is to be decided.
    pub(crate) fn due_at_ms(&self, then_ms: i64) -> i64 {
        then_ms + i64::from(self.appeal_decision_days) * DAY_MS
    }
}
