//! Whether anything is answered over the connections of one pool.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// For how long a pool whose connections were found dead is not just busy.
const REMEMBERED: Duration = Duration::from_secs(5);

/// Statements under way, those that wait for a connection included.
#[derive(Debug)]
pub(crate) struct Traffic {
    /// Connections stand still when nothing was answered for so long.
    still: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    under_way: u32,
    /// The last answer, or the first statement after there was none.
    moved: Instant,
    /// What began before is in vain.
    cut: Option<Instant>,
}

impl Traffic {
    /// Of a pool that opens a connection within `acquire`: half of that is long
    /// enough to be no connection that is being opened.
    pub(crate) fn new(acquire: Duration) -> Self {
        Self {
            still: acquire / 2,
            state: Mutex::new(State {
                under_way: 0,
                moved: Instant::now(),
                cut: None,
            }),
        }
    }

    /// One more begins; it ends when what this gives is dropped.
    pub(crate) fn begin(&self, now: Instant) -> UnderWay<'_> {
        let mut state = self.lock();
        if state.under_way == 0 {
            state.moved = now;
        }
        state.under_way += 1;
        UnderWay {
            traffic: self,
            began: now,
        }
    }

    /// Whether statements wait and none has been answered for a while.
    pub(crate) fn stands_still(&self, now: Instant) -> bool {
        let state = self.lock();
        state.under_way > 0 && now.saturating_duration_since(state.moved) >= self.still
    }

    /// Nobody works at what waits since the last answer.
    pub(crate) fn cut(&self, now: Instant) {
        let mut state = self.lock();
        state.cut = Some(now.checked_sub(self.still / 2).unwrap_or(now));
        state.moved = now;
    }

    /// Whether that was found lately.
    pub(crate) fn was_cut(&self, now: Instant) -> bool {
        let cut = self.lock().cut;
        cut.is_some_and(|cut| now.saturating_duration_since(cut) < REMEMBERED)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A statement under way.
pub(crate) struct UnderWay<'a> {
    traffic: &'a Traffic,
    began: Instant,
}

impl UnderWay<'_> {
    /// It was answered.
    pub(crate) fn answered(&self, now: Instant) {
        self.traffic.lock().moved = now;
    }

    /// Whether nobody will answer it.
    pub(crate) fn is_in_vain(&self) -> bool {
        let cut = self.traffic.lock().cut;
        cut.is_some_and(|cut| self.began < cut)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.traffic.lock().under_way -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_stand_still_when_nothing_is_answered_for_a_while() {
        let (traffic, start) = (Traffic::new(Duration::from_millis(1_400)), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        assert!(!traffic.stands_still(at(10_000)), "nobody waits");
        let one = traffic.begin(at(10_000));
        let other = traffic.begin(at(10_300));
        assert!(!traffic.stands_still(at(10_600)));
        other.answered(at(10_600));
        drop(other);
        assert!(!traffic.stands_still(at(11_200)), "something came");
        assert!(traffic.stands_still(at(11_300)));
        assert!(!one.is_in_vain());
        let late = traffic.begin(at(11_250));
        traffic.cut(at(11_300));
        assert!(one.is_in_vain() && !late.is_in_vain());
        assert!(traffic.was_cut(at(12_000)) && !traffic.was_cut(at(17_000)));
        drop((one, late));
        assert!(!traffic.stands_still(at(60_000)));
    }
}
