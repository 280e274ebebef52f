use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use covergen_ids::UserId;

/// Parts that a person may be sending at once: as many as a browser sends, and
/// few enough that nobody alone takes up the places of all.
const MOST: usize = 8;

/// Who is sending parts right now.
#[derive(Clone, Default)]
pub(crate) struct Senders(Arc<Mutex<HashMap<UserId, usize>>>);

impl Senders {
    /// A place for one more, given back when it is dropped; none where the
    /// person has as many as there may be.
    pub(crate) fn enter(&self, user: UserId) -> Option<Sending> {
        let mut counts = self.lock();
        let count = counts.entry(user).or_default();
        if *count >= MOST {
            return None;
        }
        *count += 1;
        Some(Sending {
            senders: self.clone(),
            user,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One person's place.
pub(crate) struct Sending {
    senders: Senders,
    user: UserId,
}

impl Drop for Sending {
    fn drop(&mut self) {
        let mut counts = self.senders.lock();
        if let Some(count) = counts.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Senders};
    use covergen_ids::{Clock, UserId};

    #[test]
    fn nobody_alone_takes_up_all_the_places() {
        let (senders, clock) = (Senders::default(), Clock::system());
        let (ada, bob) = (UserId::new(&clock), UserId::new(&clock));
        let mut held: Vec<_> = (0..MOST).map(|_| senders.enter(ada).unwrap()).collect();
        assert!(senders.enter(ada).is_none());
        assert!(senders.enter(bob).is_some());
        held.pop();
        assert!(senders.enter(ada).is_some());
        drop(held);
        assert!(senders.lock().is_empty());
    }
}
