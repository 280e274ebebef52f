//! What the mesh lately decided, for operators.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use serde::Serialize;

/// As many as fit on a page; older ones are in the logs and metrics.
const KEPT: usize = 256;

/// One thing the mesh did that a bare channel would not have.
#[derive(Debug, Clone, Serialize)]
pub struct Decision {
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// The called service, or the pool.
    pub target: Arc<str>,
    /// What was done.
    pub kind: DecisionKind,
    /// To what and why, in words.
    pub detail: String,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DecisionKind {
    /// A call was tried again.
    Retry,
    /// A call was sent a second time because the first was slow.
    Hedge,
    /// An endpoint gets no load for a time.
    Eject,
    /// A call was refused for want of room.
    Shed,
    /// The breaker changed its state.
    Breaker,
    /// Another answered in place of the target.
    Fallback,
    /// A call was delayed or aborted on purpose.
    Fault,
    /// An endpoint came, went, or changed its health.
    Endpoint,
    /// The policy was replaced, or a replacement was refused.
    Reload,
}

/// The last decisions, oldest first. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decisions(Arc<Mutex<VecDeque<Decision>>>);

impl Decisions {
    pub(crate) fn note(&self, target: &Arc<str>, kind: DecisionKind, detail: String) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let decision = Decision {
            at_ms: since.map_or(0, |since| {
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            }),
            target: Arc::clone(target),
            kind,
            detail,
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(decision);
    }

    pub(crate) fn recent(&self) -> Vec<Decision> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room_for_new_ones() {
        let decisions = Decisions::default();
        for number in 0..KEPT + 3 {
            decisions.note(&Arc::from("a"), DecisionKind::Retry, number.to_string());
        }
        let recent = decisions.recent();
        assert_eq!(recent.len(), KEPT);
        assert_eq!(recent[0].detail, "3");
    }
}
