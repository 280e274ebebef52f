//! Locks and flags of what a target's calls share. In this crate's own tests
//! they are shuttle's, which tries the orders in which threads may meet them.

#[cfg(test)]
pub(crate) use shuttle::sync::{Mutex, MutexGuard, atomic::AtomicBool};
#[cfg(not(test))]
pub(crate) use std::sync::{Mutex, MutexGuard, atomic::AtomicBool};

/// Runs `work` in every order that its threads may take, and tells how many
/// there are.
#[cfg(test)]
pub(crate) fn every_order(work: impl Fn() + Send + Sync + 'static) -> usize {
    let scheduler = shuttle::scheduler::DfsScheduler::new(None, false);
    shuttle::Runner::new(scheduler, shuttle::Config::default()).run(work)
}
