use std::sync::{Mutex, MutexGuard, PoisonError};

use covergen_events::Published;
use tokio::sync::Notify;
use uuid::Uuid;

/// Marks that are kept. Older ones are thinned out, so that they reach far
/// back: how far the log's end was lost is told by the newest that still holds.
const MARKS: usize = 32;

/// An event, and the number that the log gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) sequence: u64,
    pub(super) id: Uuid,
}

/// What this process knows of the end of its service's log.
#[derive(Debug, Default)]
pub(crate) struct LogEnd {
    known: Mutex<Known>,
    shrunk: Notify,
}

#[derive(Debug, Default)]
struct Known {
    /// What this process published last.
    published: Option<Mark>,
    /// What stood at the end when it was looked at, oldest first.
    seen: Vec<Mark>,
    /// The number that it ended with then, whatever stands there.
    last: u64,
    /// The lowest number from which the log is to be compared. It stays until
    /// a comparison has come to its end: the log grows meanwhile, by what is
    /// sent again, and its own end tells nothing any more.
    from: Option<u64>,
}

impl LogEnd {
    /// Notes the numbers that published events were given.
    pub(crate) fn note<'p>(&self, published: impl Iterator<Item = (Uuid, &'p Published)>) {
        let mut known = self.known();
        for (id, one) in published.filter(|(_, one)| !one.duplicate) {
            let new = Mark {
                sequence: one.sequence,
                id,
            };
            // Events of two relays may overtake each other by a few on the way
            // back, which costs a look and no more.
            let given_before = |last: Mark| new.sequence <= last.sequence && new != last;
            if known.published.is_some_and(given_before) {
                known.compare_from(new.sequence);
                self.shrunk.notify_one();
            }
            known.published = Some(new);
        }
    }

    /// Comes back once a published event was given a number that had been
    /// given before.
    pub(super) async fn shrunk(&self) {
        self.shrunk.notified().await;
    }

    /// Events that must be where they were, newest first.
    pub(super) fn marks(&self) -> Vec<Mark> {
        let known = self.known();
        let mut marks: Vec<Mark> = known.seen.iter().chain(&known.published).copied().collect();
        marks.sort_unstable_by_key(|mark| std::cmp::Reverse(mark.sequence));
        marks
    }

    /// Notes the number that the log ends with: below the one before, it has
    /// lost something since.
    pub(super) fn ends_with(&self, sequence: u64) {
        let mut known = self.known();
        if sequence < std::mem::replace(&mut known.last, sequence) {
            known.compare_from(sequence);
        }
    }

    /// Notes an event that the log holds.
    pub(super) fn saw(&self, mark: Mark) {
        let mut known = self.known();
        let seen = &mut known.seen;
        if seen
            .last()
            .is_some_and(|last| mark.sequence <= last.sequence)
        {
            return;
        }
        if seen.len() == MARKS {
            let mut at = 0;
            seen.retain(|_| {
                at += 1;
                at % 2 == 1
            });
        }
        seen.push(mark);
    }

    /// Notes that the log no longer holds some events, the first of which
    /// followed upon a number.
    pub(super) fn lost(&self, marks: &[Mark], from: u64) {
        let mut known = self.known();
        known.seen.retain(|mark| !marks.contains(mark));
        known.published = known.published.filter(|mark| !marks.contains(mark));
        known.compare_from(from);
    }

    /// The log is to be compared from a number on, if not from an earlier one.
    pub(super) fn compare_from(&self, sequence: u64) {
        self.known().compare_from(sequence);
    }

    /// Where a comparison is to begin, if one is due.
    pub(super) fn from(&self) -> Option<u64> {
        self.known().from
    }

    /// A comparison from there is done, unless one from before it is due.
    pub(super) fn compared_from(&self, sequence: u64) {
        let mut known = self.known();
        known.from = known.from.filter(|from| *from < sequence);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn compare_from(&mut self, sequence: u64) {
        self.from = Some(self.from.map_or(sequence, |from| from.min(sequence)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publish(end: &LogEnd, sequence: u64, id: Uuid) {
        let published = Published {
            sequence,
            duplicate: false,
        };
        end.note([(id, &published)].into_iter());
    }

    #[test]
    fn a_number_that_is_given_again_is_noticed() {
        let (end, id) = (LogEnd::default(), Uuid::now_v7());
        publish(&end, 100, id);
        publish(&end, 101, Uuid::now_v7());
        assert_eq!(end.from(), None);
        publish(&end, 101, Uuid::now_v7());
        assert_eq!(end.from(), Some(101));
        publish(&end, 90, Uuid::now_v7());
        assert_eq!(end.from(), Some(90));
        end.compared_from(101);
        assert_eq!(end.from(), Some(90), "from there it was not compared");
        end.compared_from(90);
        // Where it counts on from is what counts.
        publish(&end, 91, Uuid::now_v7());
        assert_eq!(end.from(), None);
        end.ends_with(95);
        end.ends_with(96);
        assert_eq!(end.from(), None);
        end.ends_with(94);
        assert_eq!(end.from(), Some(94));
    }

    #[test]
    fn marks_reach_back_to_the_first_and_are_few() {
        let end = LogEnd::default();
        for sequence in 1..=10_000 {
            let id = Uuid::now_v7();
            end.saw(Mark { sequence, id });
        }
        let marks = end.marks();
        assert!(marks.len() <= MARKS);
        assert_eq!(marks[0].sequence, 10_000);
        assert_eq!(marks.last().unwrap().sequence, 1);
    }
}
