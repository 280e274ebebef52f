//! Settings of a BFF.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Settings of one BFF. Unknown keys are refused.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BffConfig {
    /// Origins of other sites whose scripts may call, such as
    /// `https://studio.example.com`. Its own origin needs no entry.
    pub allowed_origins: Vec<String>,
    /// Cookies are marked Secure and take their `__Host-` names. Set it
    /// wherever the BFF is reached over TLS.
    pub secure_cookies: bool,
    /// Key that binds CSRF tokens to sessions: at least 32 characters, the
    /// same on every replica. Empty: random per process.
    pub session_secret: String,
    /// How long a browser keeps its session, in seconds.
    pub session_max_age_seconds: u32,
    /// Largest request body, in bytes.
    pub body_limit_bytes: usize,
    /// Time a request body may take to arrive, in milliseconds; of an upload,
    /// each piece of it.
    pub body_timeout_ms: u64,
    /// Largest file of an upload, in bytes, by the RPC's name, such as
    /// `covergen.media.v1.MediaService/UploadAsset`; for those not named here
    /// the contract's own limit holds.
    pub upload_limits: BTreeMap<String, u64>,
    /// Trusted proxies in front: that many entries from the right of
    /// `X-Forwarded-For` were written by them.
    pub forwarded_hops: usize,
    /// Time between keepalive comments on an idle event stream, and between
    /// pings on a WebSocket, in seconds.
    pub keepalive_seconds: u64,
    /// WebSockets open at once; beyond that many callers read events instead.
    pub max_sockets: usize,
}

impl Default for BffConfig {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            secure_cookies: false,
            session_secret: String::new(),
            session_max_age_seconds: 30 * 24 * 3600,
            body_limit_bytes: 1024 * 1024,
            body_timeout_ms: 15_000,
            upload_limits: BTreeMap::new(),
            forwarded_hops: 0,
            keepalive_seconds: 15,
            max_sockets: 1_000,
        }
    }
}

impl std::fmt::Debug for BffConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BffConfig")
            .field("allowed_origins", &self.allowed_origins)
            .field("secure_cookies", &self.secure_cookies)
            .field("body_limit_bytes", &self.body_limit_bytes)
            .field("forwarded_hops", &self.forwarded_hops)
            .finish_non_exhaustive()
    }
}
