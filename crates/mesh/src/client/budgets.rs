//! What the calls to one target may spend together.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::budget::Budget;
use crate::config::Policy;

/// Of a hundred calls, how many may be hedged.
const HEDGE_PERCENT: u32 = 5;

/// The retry budget, which hedges draw on as well, and the hedges' own bound.
#[derive(Debug)]
pub(crate) struct Budgets {
    retry: Mutex<Budget>,
    hedge: Mutex<Budget>,
}

impl Budgets {
    pub(crate) fn new(policy: &Policy) -> Self {
        let now = Instant::now();
        let (percent, floor) = (policy.retry_budget_percent, policy.retry_budget_per_second);
        Self {
            retry: Mutex::new(Budget::new(percent, floor, now)),
            hedge: Mutex::new(Budget::new(HEDGE_PERCENT, 0, now)),
        }
    }

    pub(crate) fn change(&self, policy: &Policy) {
        let (percent, floor) = (policy.retry_budget_percent, policy.retry_budget_per_second);
        lock(&self.retry).change(percent, floor);
    }

    /// A call is made.
    pub(crate) fn deposit(&self, now: Instant) {
        lock(&self.retry).deposit(now);
    }

    /// A call is made that may be hedged.
    pub(crate) fn deposit_hedgeable(&self, now: Instant) {
        lock(&self.hedge).deposit(now);
    }

    /// Asks for one retry, and spends it if granted.
    pub(crate) fn retry(&self, now: Instant) -> bool {
        lock(&self.retry).withdraw(now)
    }

    /// Asks for one hedge, and spends it if granted. The hedges' own bound
    /// comes first: a hedge it refuses must cost no retry.
    pub(crate) fn hedge(&self, now: Instant) -> bool {
        let mut hedge = lock(&self.hedge);
        hedge.would_grant(now) && lock(&self.retry).withdraw(now) && hedge.withdraw(now)
    }
}

fn lock(budget: &Mutex<Budget>) -> MutexGuard<'_, Budget> {
    budget.lock().unwrap_or_else(PoisonError::into_inner)
}
