//! What the calls to one target may spend together.

use std::sync::PoisonError;

use tokio::time::Instant;

use super::budget::Budget;
use crate::{
    config::Policy,
    sync::{Mutex, MutexGuard},
};

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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use shuttle::thread;

    use super::*;
    use crate::{config::PolicyConfig, sync::every_order};

    /// Ten calls at a fifth, and one a second: three retries at this moment.
    const GRANTED: usize = 3;

    fn budgets(now: Instant) -> Arc<Budgets> {
        let policy = Policy::resolve(&[&PolicyConfig {
            retry_budget_percent: Some(20),
            retry_budget_per_second: Some(1),
            ..PolicyConfig::default()
        }]);
        let budgets = Budgets::new(&policy);
        for _ in 0..10 {
            budgets.deposit(now);
        }
        Arc::new(budgets)
    }

    /// What these threads are granted, each asking twice.
    fn ask(budgets: &Arc<Budgets>, threads: &[fn(&Budgets, Instant) -> bool]) -> Vec<usize> {
        let now = Instant::now();
        let asking: Vec<_> = threads
            .iter()
            .map(|ask| {
                let (budgets, ask) = (Arc::clone(budgets), *ask);
                thread::spawn(move || (0..2).filter(|_| ask(&budgets, now)).count())
            })
            .collect();
        asking
            .into_iter()
            .map(|asking| asking.join().unwrap())
            .collect()
    }

    #[test]
    fn threads_together_spend_what_one_could_in_every_order() {
        let work = || {
            let granted = ask(&budgets(Instant::now()), &[Budgets::retry, Budgets::retry]);
            assert_eq!(granted.iter().sum::<usize>(), GRANTED, "{granted:?}");
        };
        assert!(every_order(work) > 50);
    }

    #[test]
    fn a_hedge_that_is_refused_costs_no_retry_in_any_order() {
        let work = || {
            let now = Instant::now();
            let budgets = budgets(now);
            // No call that may be hedged was made, so none may be.
            let granted = ask(&budgets, &[Budgets::hedge, Budgets::retry]);
            assert_eq!(granted, [0, 2]);
            let left = (0..GRANTED).filter(|_| budgets.retry(now)).count();
            assert_eq!(left, GRANTED - 2);
        };
        assert!(every_order(work) > 50);
    }

    #[test]
    fn hedges_and_retries_stay_within_both_bounds_in_any_order() {
        let some_order = || {
            let now = Instant::now();
            let budgets = budgets(now);
            for _ in 0..20 {
                budgets.deposit_hedgeable(now);
            }
            let threads = [
                Budgets::hedge,
                Budgets::retry,
                Budgets::hedge,
                Budgets::retry,
            ];
            let granted = ask(&budgets, &threads);
            let hedges = granted[0] + granted[2];
            assert!(hedges <= 1, "{granted:?}");
            assert_eq!(hedges + granted[1] + granted[3], GRANTED, "{granted:?}");
        };
        shuttle::check_pct(some_order, 2_000, 3);
    }
}
