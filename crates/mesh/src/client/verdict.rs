//! What the end of a call says about whoever was called.

use tokio::time::Instant;
use tonic::Code;

use super::Call;
use crate::{
    hop::{Failure, Reach},
    status::{Pushback, pushback},
};

/// What the target, or one endpoint of it, showed of itself in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It works, whatever it answered.
    Healthy,
    /// It does not.
    Failing,
    /// The call says nothing about it.
    Unclear,
}

/// What a failure says about the target. INTERNAL and its like do not count:
/// a target that answers is alive, and one request that makes it stumble must
/// not cut it off from everybody.
pub(crate) fn judge(failure: &Failure, patience: &Patience) -> Verdict {
    match (failure.reach, failure.status.code()) {
        // Ours.
        (Reach::Refused | Reach::Broken, _) => Verdict::Unclear,
        // Too early to tell: services of one process start in any order.
        (Reach::Unresolved, _) => Verdict::Unclear,
        // One replica is leaving, with all its calls at once; others are there.
        (Reach::NotTaken, _) => Verdict::Unclear,
        _ if failure.one_of_many => Verdict::Unclear,
        (_, Code::Unavailable) => Verdict::Failing,
        (_, Code::DeadlineExceeded) if patience.was_fair => Verdict::Failing,
        (_, Code::DeadlineExceeded) => Verdict::Unclear,
        _ => Verdict::Healthy,
    }
}

/// What a failure says about the target as a whole. Who asks not to be tried
/// again speaks for somebody it called itself and had tried already: it is
/// alive, refuses at once, and is of use again the moment that one is.
pub(crate) fn judge_target(failure: &Failure, patience: &Patience) -> Verdict {
    let code = failure.status.code();
    if code == Code::Unavailable && pushback(&failure.status) == Pushback::Never {
        return Verdict::Unclear;
    }
    judge(failure, patience)
}

/// Whether running out of time can be held against the target: it cannot if
/// the caller granted less than half of what the method usually gets, or
/// anybody could open the breaker by asking with no patience.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    deadline: Option<Instant>,
    was_fair: bool,
}

impl Patience {
    pub(crate) fn of(call: &Call) -> Self {
        let was_fair = match (call.deadline, call.method.deadline) {
            (Some(at), Some(usual)) => at.saturating_duration_since(call.began) >= usual / 2,
            _ => true,
        };
        Self {
            deadline: call.deadline,
            was_fair,
        }
    }

    /// Of a caller who waits as long as it takes.
    #[cfg(test)]
    pub(crate) fn endless() -> Self {
        Self {
            deadline: None,
            was_fair: true,
        }
    }

    /// Whether the time is over, and there was enough of it.
    pub(crate) fn ran_out(&self) -> bool {
        self.was_fair && self.deadline.is_some_and(|at| Instant::now() >= at)
    }
}
