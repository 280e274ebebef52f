use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// Keeps callers from waiting for a server that does not answer: after one
/// unanswered command the others fail at once for a while, then a single one
/// tries again.
#[derive(Debug)]
pub(super) struct Rest {
    started: Instant,
    /// Milliseconds since `started` until which nothing is tried; 0 when the
    /// server answers.
    until_ms: AtomicU64,
    rest: Duration,
    /// How long the single one may take.
    probe: Duration,
}

impl Rest {
    pub(super) fn new(rest: Duration, probe: Duration) -> Self {
        Self {
            started: Instant::now(),
            until_ms: AtomicU64::new(0),
            rest,
            probe,
        }
    }

    /// Whether a command may be tried now.
    pub(super) fn may_try(&self) -> bool {
        let until = self.until_ms.load(Ordering::Acquire);
        if until == 0 {
            return true;
        }
        let now = self.now_ms();
        // Whoever moves the mark is the one that tries.
        now >= until
            && self
                .until_ms
                .compare_exchange(
                    until,
                    self.after(now, self.probe),
                    Ordering::AcqRel,
                    Ordering::Acquire,
                )
                .is_ok()
    }

    /// The server answered, whatever it said.
    pub(super) fn answered(&self) {
        self.until_ms.store(0, Ordering::Release);
    }

    /// The server did not answer in time.
    pub(super) fn unanswered(&self) {
        let until = self.after(self.now_ms(), self.rest);
        self.until_ms.store(until, Ordering::Release);
    }

    fn after(&self, now_ms: u64, pause: Duration) -> u64 {
        // One more, so that a pause never ends in the 0 that means none.
        now_ms + u64::try_from(pause.as_millis()).unwrap_or(u64::MAX / 2) + 1
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_a_silence_one_call_tries_and_the_others_fail_at_once() {
        let rest = Rest::new(Duration::from_secs(1), Duration::from_millis(250));
        assert!(rest.may_try() && rest.may_try());
        rest.unanswered();
        assert!(!rest.may_try());
        tokio::time::advance(Duration::from_millis(1_001)).await;
        assert!(rest.may_try());
        assert!(!rest.may_try());
        rest.answered();
        assert!(rest.may_try() && rest.may_try());
    }
}
