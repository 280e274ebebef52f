//! Which events of a subscription are handled at once, and which of them in one
//! transaction.

use std::collections::{HashMap, HashSet, VecDeque};

use covergen_events::Delivery;

use crate::Subscription;
use crate::attempts::{came_before, keep};

/// Handlers of one subscription that a process runs at once, not counting
/// events under suspicion. More would wait for the database.
const LANES: usize = 8;

/// Transactions among them that events share: one is at work while another
/// waits for its commit, and what comes meanwhile is shared by the next.
const SHARED: usize = 2;

/// Events that share a transaction at most. What fails among them is done
/// again one by one, and locks are held until the last is through.
pub(crate) const TOGETHER: usize = 16;

/// Events that a subscription has at hand, with those that wait for a lane: the
/// log is asked for more while there still is something to do. Far from all
/// that its consumer may have in flight, which is for other processes, too.
const fn at_hand(shares: bool) -> usize {
    if shares { SHARED * TOGETHER } else { 2 * LANES }
}

/// Events that it asks the log for at a time.
pub(crate) const fn prefetch(shares: bool) -> usize {
    at_hand(shares) / 2
}

/// How an event is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// It came before, and waits for its own turn.
    Suspected,
    Alone,
    /// In a transaction with others.
    Shared,
}

/// Events that are handled at once, each of an aggregate of its own.
pub(crate) struct Work {
    pub(crate) way: Way,
    pub(crate) aggregates: Vec<String>,
    pub(crate) events: Vec<Delivery>,
}

/// Deliveries at hand, oldest first, and the aggregates that are being handled.
pub(crate) struct Lanes<'s> {
    subscription: &'s Subscription,
    waiting: VecDeque<Delivery>,
    busy: HashMap<String, Way>,
    alone: usize,
    shared: usize,
}

impl<'s> Lanes<'s> {
    pub(crate) fn new(subscription: &'s Subscription) -> Self {
        Self {
            subscription,
            waiting: VecDeque::new(),
            busy: HashMap::new(),
            alone: 0,
            shared: 0,
        }
    }

    fn way(&self, delivery: &Delivery) -> Way {
        if came_before(delivery) {
            Way::Suspected
        } else if self.subscription.shares(delivery.record().subject.event()) {
            Way::Shared
        } else {
            Way::Alone
        }
    }

    fn has_lane(&self, way: Way) -> bool {
        match way {
            Way::Suspected => true,
            Way::Alone => self.alone < LANES,
            Way::Shared => self.shared < SHARED,
        }
    }

    /// Whatever waits for a turn takes no room from others: it is bounded by
    /// what the consumer may have in flight.
    pub(crate) fn has_room(&self) -> bool {
        let waiting = self.waiting.iter().filter(|delivery| {
            let aggregate = delivery.record().subject.aggregate();
            !came_before(delivery) && self.busy.get(aggregate) != Some(&Way::Suspected)
        });
        let busy = self.busy.values().filter(|way| **way != Way::Suspected);
        waiting.count() + busy.count() < at_hand(self.subscription.shares_any())
    }

    pub(crate) fn push(&mut self, delivery: Delivery) {
        self.waiting.push_back(delivery);
    }

    /// What to begin now, if anything.
    pub(crate) fn next(&mut self) -> Option<Work> {
        let (first, way) = self.oldest(|way| self.has_lane(way))?;
        let mut work = Work {
            way,
            aggregates: Vec::new(),
            events: Vec::new(),
        };
        self.take(first, &mut work);
        if way == Way::Shared {
            while work.events.len() < TOGETHER
                && let Some((at, _)) = self.oldest(|way| way == Way::Shared)
            {
                self.take(at, &mut work);
            }
        }
        match way {
            Way::Suspected => {}
            Way::Alone => self.alone += 1,
            Way::Shared => self.shared += 1,
        }
        Some(work)
    }

    /// The oldest delivery that may go one of the ways and that nothing of its
    /// aggregate is before.
    fn oldest(&self, may_go: impl Fn(Way) -> bool) -> Option<(usize, Way)> {
        let mut passed_over = HashSet::new();
        for (at, delivery) in self.waiting.iter().enumerate() {
            let aggregate = delivery.record().subject.aggregate();
            let is_next = !self.busy.contains_key(aggregate) && !passed_over.contains(aggregate);
            let way = self.way(delivery);
            if is_next && may_go(way) {
                return Some((at, way));
            }
            passed_over.insert(aggregate);
        }
        None
    }

    fn take(&mut self, at: usize, work: &mut Work) {
        let Some(delivery) = self.waiting.remove(at) else {
            return;
        };
        let aggregate = delivery.record().subject.aggregate().to_owned();
        self.busy.insert(aggregate.clone(), work.way);
        work.aggregates.push(aggregate);
        work.events.push(delivery);
    }

    pub(crate) fn done(&mut self, way: Way, aggregates: &[String]) {
        for aggregate in aggregates {
            self.busy.remove(aggregate);
        }
        match way {
            Way::Suspected => {}
            Way::Alone => self.alone -= 1,
            Way::Shared => self.shared -= 1,
        }
    }

    /// Keeps what waits from coming again meanwhile.
    pub(crate) async fn keep(&self) {
        for delivery in &self.waiting {
            keep(delivery).await;
        }
    }
    /// What was not begun.
    pub(crate) fn into_waiting(self) -> Vec<Delivery> {
        self.waiting.into()
    }
}
