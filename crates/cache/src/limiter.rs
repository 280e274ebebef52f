use crate::engine::Charge;
use crate::{Cache, Error, Result};

/// Slices per window. A use counts until its whole slice has left the window,
/// so a limit is never exceeded, and a refusal lasts at most 1/60 of the
/// window longer than it had to.
pub(crate) const SLICES: u64 = 60;

/// Windows of one check.
const MAX_WINDOWS: usize = 8;

/// At most `limit` within any `per_seconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Uses allowed within the window.
    pub limit: u32,
    /// The window's length in seconds.
    pub per_seconds: u32,
}

impl Window {
    /// Length of one slice in milliseconds.
    pub(crate) fn slice_ms(self) -> u64 {
        // Rounded up: 60 slices must not fall short of the window.
        (u64::from(self.per_seconds) * 1_000).div_ceil(SLICES)
    }
}

/// How one window stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Uses that count now.
    pub(crate) used: u64,
    /// Until the cost asked for fits; 0 when it fits now.
    pub(crate) wait_ms: u64,
    /// Until nothing counts any more.
    pub(crate) reset_ms: u64,
}

/// Whether a call may go ahead, with what its caller should be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The call may go ahead, and has been charged to every window.
    pub allowed: bool,
    /// The limit of the window that binds: the one that refused longest, else
    /// the one with the least left.
    pub limit: u32,
    /// What that window has left.
    pub remaining: u32,
    /// Milliseconds until that window is empty again.
    pub reset_after_ms: u64,
    /// Milliseconds until the same call can succeed. `None` when allowed, and
    /// when the cost exceeds the limit, so that waiting is of no use.
    pub retry_after_ms: Option<u64>,
}

/// What to do while the shared counters are out of reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnOutage {
    /// Judge by what this process alone has seen: with N processes a caller
    /// may get up to N times the limit, but the platform stays up.
    JudgeLocally,
    /// Answer the error, so that the call is refused: for money and
    /// administration. A cache that this process uses too much is no outage in
    /// this sense, or whoever keeps it busy would shut administrators out:
    /// then this, too, is judged locally.
    Refuse,
}

/// Counts uses in sliding windows, shared by all processes.
#[derive(Debug, Clone)]
pub struct RateLimiter {
    shared: Cache,
    local: Cache,
    on_outage: OnOutage,
}

/// Room for the counters of an outage.
const LOCAL_BYTES: usize = 16 * 1024 * 1024;
const LOCAL_ENTRIES: usize = 50_000;

impl RateLimiter {
    /// A limiter whose counters live in this cache.
    #[must_use]
    pub fn new(cache: &Cache, on_outage: OnOutage) -> Self {
        Self {
            shared: cache.scope("limit"),
            local: Cache::memory(LOCAL_BYTES, LOCAL_ENTRIES).scope("limit"),
            on_outage,
        }
    }

    /// Charges `cost` uses to a key in every window, or to none if any of them
    /// has no room. A cost of 0 only looks.
    ///
    /// # Errors
    /// [`Error::InvalidKey`], [`Error::InvalidLimit`] (no window, more than 8,
    /// or one of no length), and an outage with [`OnOutage::Refuse`].
    pub async fn check(&self, key: &str, windows: &[Window], cost: u32) -> Result<Decision> {
        if !(1..=MAX_WINDOWS).contains(&windows.len())
            || windows.iter().any(|window| window.per_seconds == 0)
        {
            return Err(Error::InvalidLimit(
                "1 to 8 windows of at least a second".to_owned(),
            ));
        }
        let charge = match self.shared.charge(key, windows, cost).await {
            Err(error) if error.is_outage() => {
                if self.on_outage == OnOutage::Refuse && error != Error::Busy {
                    return Err(error);
                }
                tracing::debug!(%error, "judging a rate limit locally");
                self.local.charge(key, windows, cost).await?
            }
            other => other?,
        };
        Ok(decide(windows, cost, &charge))
    }
}

fn decide(windows: &[Window], cost: u32, charge: &Charge) -> Decision {
    let left = |window: &Window, usage: &Usage| {
        u32::try_from(u64::from(window.limit).saturating_sub(usage.used)).unwrap_or(u32::MAX)
    };
    let hopeless = |window: &Window| cost > window.limit;
    let (window, usage) = windows
        .iter()
        .zip(&charge.usage)
        .min_by_key(|(window, usage)| {
            let wait = if hopeless(window) {
                u64::MAX
            } else {
                usage.wait_ms
            };
            (u64::MAX - wait, left(window, usage))
        })
        .expect("a check has at least one window, and an engine answers for each");
    let retry = !charge.allowed && !windows.iter().any(hopeless);
    Decision {
        allowed: charge.allowed,
        limit: window.limit,
        remaining: left(window, usage),
        reset_after_ms: usage.reset_ms,
        retry_after_ms: retry.then_some(usage.wait_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Window = Window {
        limit: 60,
        per_seconds: 60,
    };
    const HOUR: Window = Window {
        limit: 1_000,
        per_seconds: 3_600,
    };

    fn usage(used: u64, wait_ms: u64) -> Usage {
        Usage {
            used,
            wait_ms,
            reset_ms: wait_ms * 2,
        }
    }

    #[test]
    fn the_window_with_the_least_left_is_told_while_allowed() {
        let charge = Charge {
            allowed: true,
            usage: vec![usage(10, 0), usage(990, 0)],
        };
        let decision = decide(&[MINUTE, HOUR], 1, &charge);
        assert_eq!((decision.limit, decision.remaining), (1_000, 10));
        assert_eq!(decision.retry_after_ms, None);
    }

    #[test]
    fn the_longest_wait_is_told_when_refused() {
        let charge = Charge {
            allowed: false,
            usage: vec![usage(60, 500), usage(1_000, 90_000)],
        };
        let decision = decide(&[MINUTE, HOUR], 1, &charge);
        assert_eq!((decision.limit, decision.remaining), (1_000, 0));
        assert_eq!(decision.retry_after_ms, Some(90_000));
    }

    #[test]
    fn waiting_is_not_advised_when_it_cannot_help() {
        let charge = Charge {
            allowed: false,
            usage: vec![usage(0, 0), usage(1_000, 90_000)],
        };
        let decision = decide(&[MINUTE, HOUR], 61, &charge);
        assert_eq!((decision.limit, decision.retry_after_ms), (60, None));
    }
}
