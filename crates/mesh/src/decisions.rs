//! What the mesh lately decided, for operators.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use serde::Serialize;

/// As many of each sort as fit on a page; older ones are in the logs and metrics.
const KEPT: usize = 128;

/// One thing the mesh did that a bare channel would not have.
#[derive(Debug, Clone, Serialize)]
pub struct Decision {
    /// Milliseconds since 1970; of several, when it was decided last.
    pub at_ms: u64,
    /// The called service, or the pool.
    pub target: Arc<str>,
    /// What was done.
    pub kind: DecisionKind,
    /// To what and why, in words.
    pub detail: String,
    /// How often, where the same was decided about many calls.
    pub times: u64,
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

impl DecisionKind {
    /// Whether it is about one call, of which there may be thousands a second,
    /// and not about a target or an endpoint.
    #[must_use]
    pub fn is_of_a_call(self) -> bool {
        match self {
            Self::Retry | Self::Hedge | Self::Shed | Self::Fallback | Self::Fault => true,
            Self::Eject | Self::Breaker | Self::Endpoint | Self::Reload => false,
        }
    }
}

/// The last decisions. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decisions(Arc<Mutex<Kept>>);

/// Apart, so that a storm of calls hides nothing of what led to it; and the
/// same about one call after the other is kept once.
#[derive(Debug, Default)]
struct Kept {
    made: u64,
    // With the place in the order of all.
    of_calls: VecDeque<(u64, Decision)>,
    others: VecDeque<(u64, Decision)>,
}

impl Decisions {
    pub(crate) fn note(&self, target: &Arc<str>, kind: DecisionKind, detail: String) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let mut decision = Decision {
            at_ms: since.map_or(0, |since| {
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            }),
            target: Arc::clone(target),
            kind,
            detail,
            times: 1,
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.made += 1;
        let place = kept.made;
        let ring = if kind.is_of_a_call() {
            let ring = &mut kept.of_calls;
            // A storm's own stands at the end.
            let known = ring.iter().rposition(|(_, one)| one.is_same(&decision));
            if let Some((_, before)) = known.and_then(|at| ring.remove(at)) {
                decision.times += before.times;
            }
            ring
        } else {
            &mut kept.others
        };
        if ring.len() == KEPT {
            ring.pop_front();
        }
        ring.push_back((place, decision));
    }

    /// Oldest first.
    pub(crate) fn recent(&self) -> Vec<Decision> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = kept.of_calls.iter().chain(&kept.others).cloned().collect();
        drop(kept);
        all.sort_by_key(|(place, _)| *place);
        all.into_iter().map(|(_, decision)| decision).collect()
    }
}

impl Decision {
    fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.target == other.target && self.detail == other.detail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room_for_new_ones() {
        let decisions = Decisions::default();
        for number in 0..KEPT + 3 {
            decisions.note(&Arc::from("a"), DecisionKind::Endpoint, number.to_string());
        }
        let recent = decisions.recent();
        assert_eq!(recent.len(), KEPT);
        assert_eq!(recent[0].detail, "3");
    }

    #[test]
    fn a_storm_of_calls_hides_nothing_else() {
        let decisions = Decisions::default();
        let target = Arc::from("a");
        let note = |kind, detail: &str| decisions.note(&target, kind, detail.to_owned());
        note(DecisionKind::Retry, "first");
        note(DecisionKind::Breaker, "opened");
        for number in 0..1_000 {
            note(DecisionKind::Shed, "full");
            note(DecisionKind::Retry, &format!("call {number}"));
        }
        note(DecisionKind::Shed, "full");
        let recent = decisions.recent();
        let told = |one: &Decision| (one.kind, one.detail.clone(), one.times);
        assert_eq!(
            told(&recent[0]),
            (DecisionKind::Breaker, "opened".to_owned(), 1)
        );
        let last = recent.last().map(told);
        assert_eq!(last, Some((DecisionKind::Shed, "full".to_owned(), 1_001)));
        let shed = recent.iter().filter(|one| one.kind == DecisionKind::Shed);
        assert_eq!(shed.count(), 1);
        // What happened to the target twice is told twice.
        note(DecisionKind::Breaker, "opened");
        assert_eq!(decisions.recent().len(), recent.len() + 1);
    }
}
