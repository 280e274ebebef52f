//! Rate limits: counted by the host, told to the caller here.

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue};

use crate::problem::Problem;

/// Counts requests per class and caller.
#[async_trait]
pub trait Limiter: Send + Sync + 'static {
    /// Takes one request of `class` from what `key` has left.
    ///
    /// # Errors
    /// It cannot be counted now, and the class is one that nobody is let
    /// through uncounted.
    async fn take(&self, class: &str, key: &str) -> Result<Decision, Problem>;
}

/// What a limiter decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The request may go on.
    pub allowed: bool,
    /// Requests per window.
    pub limit: u32,
    /// Requests left in the window.
    pub remaining: u32,
    /// Length of the window, in seconds.
    pub window_seconds: u32,
    /// Time until more are granted, in seconds.
    pub reset_seconds: u32,
}

impl Decision {
    /// Writes the RateLimit headers: the IETF draft's `RateLimit` and
    /// `RateLimit-Policy`, and the three plain ones that older clients read.
    pub(crate) fn write_headers(&self, class: &str, headers: &mut HeaderMap) {
        let fields = [
            (
                "ratelimit-policy",
                format!("\"{class}\";q={};w={}", self.limit, self.window_seconds),
            ),
            (
                "ratelimit",
                format!("\"{class}\";r={};t={}", self.remaining, self.reset_seconds),
            ),
            ("ratelimit-limit", self.limit.to_string()),
            ("ratelimit-remaining", self.remaining.to_string()),
            ("ratelimit-reset", self.reset_seconds.to_string()),
        ];
        for (name, value) in fields {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}
