use secrecy::SecretString;
use serde::Deserialize;

/// The `[services.notification]` section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Most webhooks of a workspace.
    pub max_webhooks: u32,
    /// Most devices of a person.
    pub max_push_subscriptions: u32,
    /// Whether webhooks and push services may be on this machine, where plain
    /// `http` is taken, too: for development and tests.
    pub allow_loopback: bool,
    /// Keys that seal the secrets of webhooks and devices: 32 bytes each, in
    /// base64, the one in use first and older ones after it. Empty: derived
    /// from the services' own keys, which does where those are never removed.
    pub sealing_keys: Vec<SecretString>,
    /// How long messages are signed with the secret before, too, in milliseconds.
    pub secret_overlap_ms: i64,
    /// Messages that are being sent at once by one process.
    pub concurrent_deliveries: usize,
    /// And to one webhook or device.
    pub concurrent_per_target: usize,
    /// A message that is being sent longer than this is sent by somebody else,
    /// in milliseconds. Longer than `request_timeout_ms`.
    pub lease_ms: u32,
    /// Pause between two looks for messages that are due, in milliseconds.
    pub poll_ms: u64,
    /// Longest time for one attempt, in milliseconds.
    pub request_timeout_ms: u64,
    /// Longest time to connect, in milliseconds.
    pub connect_timeout_ms: u64,
    /// Bytes of an answer that are read; its content does not matter.
    pub max_response_bytes: usize,
    /// Pause after the first failed attempt, in milliseconds; it doubles.
    pub first_retry_ms: i64,
    /// Longest pause, in milliseconds; Retry-After may ask for a longer one.
    pub max_retry_ms: i64,
    /// A message is given up after this, in milliseconds.
    pub give_up_after_ms: i64,
    /// A push message is given up after this, in milliseconds: who picks up the
    /// phone a day later needs no signal any more.
    pub push_ttl_ms: i64,
    /// A webhook is disabled after so many failed attempts in a row …
    pub disable_after_attempts: i32,
    /// … which began at least so long ago, in milliseconds.
    pub disable_after_ms: i64,
    /// Deliveries that are over are kept this long, in milliseconds.
    pub delivery_retention_ms: i64,
    /// Notifications are kept this long, in milliseconds.
    pub notification_retention_ms: i64,
    /// Pause between two removals of what has served its time, in milliseconds.
    pub sweep_interval_ms: u64,
    /// Where push services reach whoever runs the platform: `mailto:` or `https:`.
    pub vapid_contact: String,
}

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

impl Default for Config {
    fn default() -> Self {
        Self {
            max_webhooks: 20,
            max_push_subscriptions: 20,
            allow_loopback: false,
            sealing_keys: Vec::new(),
            secret_overlap_ms: DAY_MS,
            concurrent_deliveries: 64,
            concurrent_per_target: 4,
            lease_ms: 60_000,
            poll_ms: 1000,
            request_timeout_ms: 15_000,
            connect_timeout_ms: 5000,
            max_response_bytes: 65_536,
            first_retry_ms: 5000,
            max_retry_ms: 6 * HOUR_MS,
            give_up_after_ms: 3 * DAY_MS,
            push_ttl_ms: DAY_MS,
            disable_after_attempts: 50,
            disable_after_ms: DAY_MS,
            delivery_retention_ms: 30 * DAY_MS,
            notification_retention_ms: 90 * DAY_MS,
            sweep_interval_ms: 600_000,
            vapid_contact: "mailto:postmaster@localhost".to_owned(),
        }
    }
}
