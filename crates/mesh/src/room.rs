//! Room for so many at a time, with a queue that has an end.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use tokio::sync::Semaphore;

/// Bounds what is in flight and what waits to be. The bounds may change while
/// it is in use.
#[derive(Debug)]
pub(crate) struct Room {
    permits: Semaphore,
    size: AtomicU32,
    // Places that were taken away while they were in use: the next ones to
    // come free are not given out again.
    owed: AtomicU32,
    pending: AtomicU32,
    max_pending: AtomicU32,
}

/// A place in a room, until it is dropped.
#[derive(Debug)]
pub(crate) struct Held(Arc<Room>);

impl Room {
    pub(crate) fn new(size: u32, max_pending: u32) -> Self {
        Self {
            permits: Semaphore::new(size as usize),
            size: AtomicU32::new(size),
            owed: AtomicU32::new(0),
            pending: AtomicU32::new(0),
            max_pending: AtomicU32::new(max_pending),
        }
    }

    /// Changes the bounds; what is in flight stays.
    pub(crate) fn resize(&self, size: u32, max_pending: u32) {
        self.max_pending.store(max_pending, Ordering::Relaxed);
        let before = self.size.swap(size, Ordering::Relaxed);
        for _ in before..size {
            if !self.settle_debt() {
                self.permits.add_permits(1);
            }
        }
        if size < before {
            // All of it is owed first, so that nobody who comes in meanwhile is
            // one too many; what was free pays for itself.
            let less = before - size;
            self.owed.fetch_add(less, Ordering::Relaxed);
            for _ in 0..self.permits.forget_permits(less as usize) {
                if !self.settle_debt() {
                    self.permits.add_permits(1);
                }
            }
        }
    }

    /// How many may be in.
    pub(crate) fn size(&self) -> u32 {
        self.size.load(Ordering::Relaxed)
    }

    /// How many are in.
    pub(crate) fn taken(&self) -> u32 {
        let free = u32::try_from(self.permits.available_permits()).unwrap_or(u32::MAX);
        let owed = self.owed.load(Ordering::Relaxed);
        (self.size.load(Ordering::Relaxed) + owed).saturating_sub(free)
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> u32 {
        self.pending.load(Ordering::Relaxed)
    }

    /// A place, if one is free.
    pub(crate) fn enter_at_once(self: &Arc<Self>) -> Option<Held> {
        loop {
            self.permits.try_acquire().ok()?.forget();
            // It may come free in the moment that it is taken away.
            if !self.settle_debt() {
                return Some(Held(Arc::clone(self)));
            }
        }
    }

    /// A place, at once or after waiting; `None` when too many wait already.
    pub(crate) async fn enter(self: &Arc<Self>) -> Option<Held> {
        if let Some(held) = self.enter_at_once() {
            return Some(held);
        }
        let max = self.max_pending.load(Ordering::Relaxed);
        let _place = Place::take(&self.pending, max)?;
        loop {
            // Nobody closes the semaphore, and the deadline above bounds the wait.
            self.permits.acquire().await.ok()?.forget();
            if !self.settle_debt() {
                return Some(Held(Arc::clone(self)));
            }
        }
    }

    fn settle_debt(&self) -> bool {
        let less = |owed: u32| owed.checked_sub(1);
        self.owed
            .try_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.0.settle_debt() {
            self.0.permits.add_permits(1);
        }
    }
}

/// A place in the queue, given back also when the waiting call is dropped.
struct Place<'a>(&'a AtomicU32);

impl<'a> Place<'a> {
    fn take(pending: &'a AtomicU32, max: u32) -> Option<Self> {
        let more = |waiting| (waiting < max).then_some(waiting + 1);
        pending
            .try_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .ok()?;
        Some(Self(pending))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use futures::FutureExt;
    use proptest::prelude::*;

    use super::*;

    /// Two threads at the same moment, again and again: one leaves, the other
    /// takes two of the three places away.
    #[test]
    fn whoever_leaves_while_the_room_shrinks_makes_no_place() {
        const ROUNDS: u32 = 10_000;
        let (round, done) = (AtomicU32::new(0), AtomicU32::new(0));
        let rooms: Vec<_> = (0..ROUNDS).map(|_| Arc::new(Room::new(3, 0))).collect();
        let enter = |room: &Arc<Room>| room.enter().now_or_never().flatten();
        let wait = |number: &AtomicU32, until: u32| {
            for spin in 0_u64.. {
                if number.load(Ordering::SeqCst) >= until {
                    return;
                }
                // The other may need this very core.
                if spin > 1_000 {
                    thread::yield_now();
                }
            }
        };
        let mut held: Vec<_> = rooms
            .iter()
            .map(|room| [0; 3].map(|_| enter(room)))
            .collect();
        let mut wrong = Vec::new();
        let leaving: Vec<_> = held.iter_mut().map(|held| held[0].take()).collect();
        thread::scope(|scope| {
            scope.spawn(|| {
                for (at, held) in (1..).zip(leaving) {
                    wait(&round, at);
                    drop(held);
                    done.store(at, Ordering::SeqCst);
                }
            });
            for (at, (room, held)) in (1..).zip(rooms.iter().zip(&mut held)) {
                round.store(at, Ordering::SeqCst);
                room.resize(1, 0);
                wait(&done, at);
                // Two are in, then one, then nobody.
                let mut entered = [true; 3];
                for (left, entered) in entered.iter_mut().enumerate() {
                    held[left] = None;
                    *entered = enter(room).is_some();
                }
                if entered != [false, false, true] {
                    wrong.push((at, entered));
                }
            }
        });
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    proptest! {
        /// Whatever the order of entering, leaving and resizing: nobody enters
        /// a full room, and a room with places left lets the next one in.
        #[test]
        fn a_room_that_changes_its_size_is_never_over_it(
            steps in proptest::collection::vec((0_u8..3, 0_u32..6), 1..200),
        ) {
            let room = Arc::new(Room::new(3, 0));
            let (mut held, mut size) = (Vec::new(), 3);
            for (step, number) in steps {
                match step {
                    0 => {
                        let full = held.len() >= size as usize;
                        let entered = room.enter().now_or_never().flatten();
                        prop_assert_eq!(entered.is_none(), full);
                        held.extend(entered);
                    }
                    1 => drop(held.pop()),
                    _ => {
                        size = number;
                        room.resize(size, 0);
                    }
                }
                prop_assert_eq!(room.taken() as usize, held.len());
            }
        }
    }
}
