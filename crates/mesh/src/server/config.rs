//! The bounds of a server.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::MeshError;

/// The bounds of a server. The defaults are the documented ones; the stock
/// ones of the libraries below announce no stream limit and no connection age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Streams a client may have open on one connection.
    pub max_concurrent_streams: u32,
    /// Streams reset for the client's errors before the connection is closed.
    pub max_local_error_resets: u32,
    /// Streams reset by the client before we looked at them, before the
    /// connection is closed ("rapid reset", CVE-2023-44487).
    pub max_pending_accept_resets: u32,
    /// Size of a request's headers.
    pub header_list_bytes: u32,
    /// A connection is pinged when nothing was heard for so long.
    pub keepalive_interval_ms: u32,
    /// And closed when the ping is not answered for so long.
    pub keepalive_timeout_ms: u32,
    /// A connection is asked to close after so long, ±20 %, so that clients
    /// find new replicas.
    pub connection_age_ms: u32,
    /// And closed so long after it was asked.
    pub connection_age_grace_ms: u32,
    /// Connections at a time; further ones are closed at once.
    pub max_connections: u32,
    /// Time a new connection has to introduce itself.
    pub handshake_timeout_ms: u32,
    /// Longest time for a unary call, whatever its caller grants.
    pub unary_timeout_ms: u32,
    /// A stream without a message either way for so long is ended.
    pub stream_idle_ms: u32,
    /// Longest life of a stream.
    pub stream_lifetime_ms: u32,
    /// Unary calls in progress; further ones are shed.
    pub max_calls: u32,
    /// Streams in progress; further ones are shed.
    pub max_streams: u32,
    /// Unary calls in progress per principal, and streams likewise; where
    /// principals are told apart.
    pub max_calls_per_principal: u32,
    /// Calls of a principal waiting for its others to end, before the next is
    /// shed.
    pub max_pending_per_principal: u32,
    /// Time calls have to finish once the server was asked to stop.
    pub drain_timeout_ms: u32,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            max_concurrent_streams: 256,
            max_local_error_resets: 256,
            max_pending_accept_resets: 20,
            header_list_bytes: 16 * 1024,
            keepalive_interval_ms: 20_000,
            keepalive_timeout_ms: 10_000,
            connection_age_ms: 300_000,
            connection_age_grace_ms: 30_000,
            max_connections: 1_000,
            handshake_timeout_ms: 5_000,
            unary_timeout_ms: 10_000,
            stream_idle_ms: 120_000,
            stream_lifetime_ms: 3_600_000,
            max_calls: 1_024,
            max_streams: 1_024,
            max_calls_per_principal: 128,
            max_pending_per_principal: 32,
            drain_timeout_ms: 10_000,
        }
    }
}

impl ServerConfig {
    /// Refuses bounds of zero and bounds that are none, naming the first.
    pub fn validate(&self) -> Result<(), MeshError> {
        let day_ms = 86_400_000;
        let bounds = [
            (
                "max_concurrent_streams",
                self.max_concurrent_streams,
                1,
                10_000,
            ),
            (
                "max_local_error_resets",
                self.max_local_error_resets,
                1,
                10_000,
            ),
            (
                "max_pending_accept_resets",
                self.max_pending_accept_resets,
                1,
                10_000,
            ),
            (
                "header_list_bytes",
                self.header_list_bytes,
                1_024,
                1024 * 1024,
            ),
            (
                "keepalive_interval_ms",
                self.keepalive_interval_ms,
                100,
                day_ms,
            ),
            (
                "keepalive_timeout_ms",
                self.keepalive_timeout_ms,
                100,
                day_ms,
            ),
            ("connection_age_ms", self.connection_age_ms, 100, day_ms),
            (
                "connection_age_grace_ms",
                self.connection_age_grace_ms,
                1,
                day_ms,
            ),
            ("max_connections", self.max_connections, 1, 1_000_000),
            ("handshake_timeout_ms", self.handshake_timeout_ms, 1, 60_000),
            ("unary_timeout_ms", self.unary_timeout_ms, 1, day_ms),
            ("stream_idle_ms", self.stream_idle_ms, 1, day_ms),
            ("stream_lifetime_ms", self.stream_lifetime_ms, 1, day_ms),
            ("max_calls", self.max_calls, 1, 1_000_000),
            ("max_streams", self.max_streams, 1, 1_000_000),
            (
                "max_calls_per_principal",
                self.max_calls_per_principal,
                1,
                1_000_000,
            ),
            (
                "max_pending_per_principal",
                self.max_pending_per_principal,
                0,
                1_000_000,
            ),
            ("drain_timeout_ms", self.drain_timeout_ms, 0, day_ms),
        ];
        for (name, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                return Err(MeshError::setting(
                    format!("server.{name}"),
                    format!("must be between {least} and {most}, not {value}"),
                ));
            }
        }
        Ok(())
    }
}

/// A setting in milliseconds.
pub(crate) fn millis(setting_ms: u32) -> Duration {
    Duration::from_millis(setting_ms.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As promised to whoever calls, and to whoever reckons with them.
    #[test]
    fn the_defaults_are_what_is_documented() {
        let documented = serde_json::json!({
            "max_concurrent_streams": 256,
            "max_local_error_resets": 256,
            "max_pending_accept_resets": 20,
            "header_list_bytes": 16_384,
            "keepalive_interval_ms": 20_000,
            "keepalive_timeout_ms": 10_000,
            "connection_age_ms": 300_000,
            "connection_age_grace_ms": 30_000,
            "max_connections": 1_000,
            "handshake_timeout_ms": 5_000,
            "unary_timeout_ms": 10_000,
            "stream_idle_ms": 120_000,
            "stream_lifetime_ms": 3_600_000,
            "max_calls": 1_024,
            "max_streams": 1_024,
            "max_calls_per_principal": 128,
            "max_pending_per_principal": 32,
            "drain_timeout_ms": 10_000,
        });
        let defaults = serde_json::to_value(ServerConfig::default()).unwrap();
        assert_eq!(defaults, documented);
        assert_eq!(crate::MAX_MESSAGE_BYTES, 4 * 1024 * 1024);
    }

    #[test]
    fn the_defaults_are_within_their_bounds_and_zero_is_not() {
        ServerConfig::default().validate().unwrap();
        let config: ServerConfig =
            serde_json::from_value(serde_json::json!({"max_connections": 0})).unwrap();
        let error = config.validate().unwrap_err().to_string();
        assert!(error.contains("server.max_connections"), "{error}");
    }
}
