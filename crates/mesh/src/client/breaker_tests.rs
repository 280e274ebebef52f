//! The breaker as threads share it, in many or all orders of theirs.

use std::time::Duration;

use shuttle::{sync::Barrier, thread};

use super::*;
use crate::{config::PolicyConfig, sync::every_order};

/// Calls that go through at a time to see, and successes that close it.
const TRIALS: u32 = 2;

/// Opens at the second failure in a row, and lets calls through to see at once.
fn breaker() -> BreakerHandle {
    let mut policy = Policy::resolve(&[&PolicyConfig {
        breaker_consecutive_failures: Some(2),
        breaker_successes_to_close: Some(TRIALS),
        ..PolicyConfig::default()
    }]);
    policy.breaker_open_min = Duration::ZERO;
    let edge = Edge {
        source: Arc::from("here"),
        target: Arc::from("there"),
    };
    // Nobody looks by himself: there is no runtime here.
    BreakerHandle::new(edge, &policy, true, Decisions::default(), None)
}

fn opened() -> BreakerHandle {
    let handle = breaker();
    for _ in 0..2 {
        handle.settle(
            handle.admit(Instant::now()).unwrap_or_else(refused),
            Verdict::Failing,
        );
    }
    assert_eq!(handle.snapshot().state, CircuitState::Open);
    handle
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "called as `unwrap_or_else(refused)`"
)]
fn refused(failure: Failure) -> Ticket {
    panic!("refused: {}", failure.status)
}

/// A call that ends so; `None` is one that its caller gave up.
fn call(handle: &BreakerHandle, verdict: Option<Verdict>) {
    let Ok(ticket) = handle.admit(Instant::now()) else {
        return;
    };
    let mut trial = Trial {
        ticket: Some(ticket),
        handle,
        patience: Patience::endless(),
    };
    thread::yield_now();
    if let Some(verdict) = verdict {
        trial.settle(verdict);
    }
}

/// Whatever happened before: with a target that answers it closes again, after
/// as many calls as it takes and no more.
fn closes_again(handle: &BreakerHandle) {
    for _ in 0..TRIALS {
        handle.settle(
            handle.admit(Instant::now()).unwrap_or_else(refused),
            Verdict::Healthy,
        );
    }
    assert_eq!(handle.snapshot().state, CircuitState::Closed);
}

fn join(threads: Vec<thread::JoinHandle<()>>) {
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn no_more_calls_go_through_to_see_than_could_close_it_in_any_order() {
    let work = || {
        let handle = opened();
        let barrier = Arc::new(Barrier::new(3));
        let asking: Vec<_> = (0..3)
            .map(|_| {
                let (handle, barrier) = (handle.clone(), Arc::clone(&barrier));
                thread::spawn(move || {
                    let ticket = handle.admit(Instant::now());
                    // Nobody is settled before everybody has asked.
                    barrier.wait();
                    ticket.ok()
                })
            })
            .collect();
        let tickets = asking.into_iter().filter_map(|one| one.join().unwrap());
        let tickets: Vec<_> = tickets.collect();
        assert_eq!(tickets.len(), TRIALS as usize);
        for ticket in tickets {
            handle.settle(ticket, Verdict::Healthy);
        }
        assert_eq!(handle.snapshot().state, CircuitState::Closed);
    };
    assert!(every_order(work) > 50);
}

#[test]
fn a_call_that_is_given_up_gives_its_place_back_in_any_order() {
    let work = || {
        let handle = opened();
        let calls = (0..2).map(|_| {
            let handle = handle.clone();
            thread::spawn(move || call(&handle, None))
        });
        join(calls.collect());
        assert_eq!(handle.snapshot().state, CircuitState::HalfOpen);
        closes_again(&handle);
    };
    assert!(every_order(work) > 50);
}

/// A wait that only a look can end within the test.
fn waiting() -> BreakerHandle {
    let handle = breaker();
    {
        let mut circuit = handle.lock();
        let mut policy = Policy::resolve(&[&PolicyConfig {
            breaker_consecutive_failures: Some(2),
            breaker_successes_to_close: Some(TRIALS),
            ..PolicyConfig::default()
        }]);
        policy.breaker_open_min = Duration::from_secs(3_600);
        policy.breaker_open_max = Duration::from_secs(3_600);
        circuit.change_rules(&policy, Instant::now());
    }
    for _ in 0..2 {
        handle.settle(
            handle.admit(Instant::now()).unwrap_or_else(refused),
            Verdict::Failing,
        );
    }
    let mut policy = Policy::resolve(&[&PolicyConfig {
        breaker_successes_to_close: Some(TRIALS),
        ..PolicyConfig::default()
    }]);
    policy.breaker_open_min = Duration::ZERO;
    handle.change(&policy);
    assert!(handle.admit(Instant::now()).is_err());
    handle
}

#[test]
fn what_is_seen_while_calls_are_refused_lets_as_many_through_as_a_wait_that_is_over() {
    let work = || {
        let handle = waiting();
        let watch = handle.lock().watch(Instant::now()).unwrap();
        let seen = Seen(Arc::downgrade(&handle.0));
        let looking = thread::spawn(move || {
            seen.tell(watch, false);
            seen.tell(watch, true);
            // Once more, late: it was heard already.
            seen.tell(watch, true);
        });
        let calling = (0..2).map(|_| {
            let handle = handle.clone();
            thread::spawn(move || call(&handle, None))
        });
        join(calling.chain([looking]).collect());
        closes_again(&handle);
    };
    shuttle::check_random(work, 2_000);
    shuttle::check_pct(work, 2_000, 3);
}

#[test]
fn whatever_calls_come_to_in_whatever_order_a_target_that_is_back_is_called_again() {
    let some_order = || {
        let handle = breaker();
        let ends = [
            Some(Verdict::Failing),
            Some(Verdict::Healthy),
            None,
            Some(Verdict::Failing),
        ];
        let calls = ends.map(|end| {
            let handle = handle.clone();
            thread::spawn(move || {
                call(&handle, end);
                call(&handle, end);
            })
        });
        join(calls.into());
        closes_again(&handle);
    };
    shuttle::check_random(some_order, 2_000);
    shuttle::check_pct(some_order, 2_000, 3);
}
