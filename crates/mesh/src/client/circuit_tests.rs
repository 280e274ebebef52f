use proptest::prelude::*;

use super::*;
use crate::config::PolicyConfig;

fn circuit(now: Instant) -> Circuit {
    Circuit::new(&Policy::resolve(&[&PolicyConfig::default()]), now)
}

fn call(circuit: &mut Circuit, verdict: Verdict, now: Instant) -> bool {
    match circuit.admit(now) {
        Ok(ticket) => {
            circuit.settle(ticket, verdict, now);
            true
        }
        Err(_) => false,
    }
}

fn opened(now: Instant) -> Circuit {
    let mut circuit = circuit(now);
    for _ in 0..5 {
        assert!(call(&mut circuit, Verdict::Failing, now));
    }
    assert_eq!(circuit.state(), CircuitState::Open);
    circuit
}

#[test]
fn four_failures_in_a_row_leave_it_closed_and_the_fifth_opens_it() {
    let now = Instant::now();
    let mut circuit = circuit(now);
    for _ in 0..4 {
        call(&mut circuit, Verdict::Failing, now);
    }
    assert_eq!(circuit.state(), CircuitState::Closed);
    call(&mut circuit, Verdict::Healthy, now);
    for _ in 0..4 {
        call(&mut circuit, Verdict::Failing, now);
    }
    assert_eq!(circuit.state(), CircuitState::Closed);
    call(&mut circuit, Verdict::Failing, now);
    assert_eq!(circuit.state(), CircuitState::Open);
}

#[test]
fn half_of_twenty_calls_failing_opens_it_and_half_of_nineteen_does_not() {
    let now = Instant::now();
    let mut circuit = circuit(now);
    // Alternating, so that no run of failures forms.
    for at in 0..19 {
        let verdict = if at % 2 == 1 {
            Verdict::Failing
        } else {
            Verdict::Healthy
        };
        assert!(call(&mut circuit, verdict, now));
    }
    assert_eq!(circuit.state(), CircuitState::Closed);
    call(&mut circuit, Verdict::Failing, now);
    assert_eq!(circuit.state(), CircuitState::Open);
}

#[test]
fn failures_older_than_the_window_are_forgotten() {
    let start = Instant::now();
    let mut circuit = circuit(start);
    for at in 0..18 {
        let verdict = if at % 2 == 1 {
            Verdict::Failing
        } else {
            Verdict::Healthy
        };
        call(&mut circuit, verdict, start);
    }
    let later = start + Duration::from_secs(61);
    for _ in 0..2 {
        call(&mut circuit, Verdict::Failing, later);
    }
    assert_eq!(circuit.state(), CircuitState::Closed);
}

#[test]
fn it_stays_open_for_a_second_and_closes_after_two_successes() {
    let start = Instant::now();
    let mut circuit = opened(start);
    assert!(circuit.admit(start + Duration::from_millis(999)).is_err());
    let back = start + Duration::from_secs(1);
    assert!(call(&mut circuit, Verdict::Healthy, back));
    assert_eq!(circuit.state(), CircuitState::HalfOpen);
    assert!(call(&mut circuit, Verdict::Healthy, back));
    assert_eq!(circuit.state(), CircuitState::Closed);
}

#[test]
fn each_failed_trial_doubles_the_time_open_up_to_a_minute() {
    let mut now = Instant::now();
    let mut circuit = opened(now);
    for expected_s in [1, 2, 4, 8, 16, 32, 60, 60] {
        let wait = circuit.opens_for(now).unwrap();
        assert_eq!(wait, Duration::from_secs(expected_s));
        now += wait;
        assert!(call(&mut circuit, Verdict::Failing, now));
    }
    now += circuit.opens_for(now).unwrap();
    call(&mut circuit, Verdict::Healthy, now);
    call(&mut circuit, Verdict::Healthy, now);
    for _ in 0..5 {
        call(&mut circuit, Verdict::Failing, now);
    }
    assert_eq!(circuit.opens_for(now), Some(Duration::from_secs(1)));
}

#[test]
fn half_open_admits_no_more_than_could_close_it() {
    let start = Instant::now();
    let mut circuit = opened(start);
    let now = start + Duration::from_secs(1);
    let first = circuit.admit(now).unwrap();
    let second = circuit.admit(now).unwrap();
    assert!(circuit.admit(now).is_err());
    // One that is given up makes room for another.
    circuit.settle(first, Verdict::Unclear, now);
    let third = circuit.admit(now).unwrap();
    circuit.settle(second, Verdict::Healthy, now);
    circuit.settle(third, Verdict::Healthy, now);
    assert_eq!(circuit.state(), CircuitState::Closed);
}

#[test]
fn a_call_that_takes_long_does_not_cut_off_a_target_that_is_back() {
    let start = Instant::now();
    let mut circuit = opened(start);
    let now = start + Duration::from_secs(1);
    let _polls_for_work = circuit.admit(now).unwrap();
    for _ in 0..2 {
        assert!(call(&mut circuit, Verdict::Healthy, now));
    }
    assert_eq!(circuit.state(), CircuitState::Closed);
}

#[test]
fn calls_admitted_before_it_opened_say_nothing_after() {
    let start = Instant::now();
    let mut circuit = circuit(start);
    let slow = circuit.admit(start).unwrap();
    for _ in 0..5 {
        call(&mut circuit, Verdict::Failing, start);
    }
    let now = start + Duration::from_secs(1);
    let trial = circuit.admit(now).unwrap();
    circuit.settle(slow, Verdict::Failing, now);
    assert_eq!(circuit.state(), CircuitState::HalfOpen);
    circuit.settle(trial, Verdict::Healthy, now);
    assert_eq!(circuit.state(), CircuitState::HalfOpen);
}

/// Opened, and through so many trials in vain.
fn in_an_outage(trials: u32, now: &mut Instant) -> Circuit {
    let mut circuit = opened(*now);
    for _ in 0..trials {
        *now += circuit.opens_for(*now).unwrap();
        assert!(call(&mut circuit, Verdict::Failing, *now));
    }
    circuit
}

#[test]
fn a_target_that_was_away_and_serves_again_is_called_at_once() {
    let mut now = Instant::now();
    let mut circuit = in_an_outage(5, &mut now);
    assert_eq!(circuit.opens_for(now), Some(Duration::from_secs(32)));
    let watch = circuit.watch(now).unwrap();
    assert_eq!(circuit.seen(watch, false), Some(News::Away));
    assert_eq!(circuit.seen(watch, false), None);
    now += Duration::from_secs(2);
    assert_eq!(circuit.seen(watch, true), Some(News::Back));
    assert_eq!(circuit.opens_for(now), Some(Duration::ZERO));
    assert!(circuit.watch(now).is_none(), "nobody need look any more");
    assert!(call(&mut circuit, Verdict::Healthy, now));
    assert!(call(&mut circuit, Verdict::Healthy, now));
    assert_eq!(circuit.state(), CircuitState::Closed);
}

#[test]
fn a_target_that_says_all_along_that_it_serves_waits_its_time() {
    let mut now = Instant::now();
    let mut circuit = in_an_outage(5, &mut now);
    let watch = circuit.watch(now).unwrap();
    for _ in 0..20 {
        assert_eq!(circuit.seen(watch, true), None);
    }
    assert_eq!(circuit.opens_for(now), Some(Duration::from_secs(32)));
}

#[test]
fn nothing_that_is_seen_ends_the_shortest_wait() {
    let mut now = Instant::now();
    let mut circuit = in_an_outage(5, &mut now);
    let watch = circuit.watch(now).unwrap();
    circuit.seen(watch, false);
    now += Duration::from_millis(400);
    assert_eq!(circuit.seen(watch, true), Some(News::Back));
    assert_eq!(circuit.opens_for(now), Some(Duration::from_millis(600)));
    assert!(circuit.admit(now).is_err());
}

#[test]
fn a_trial_that_fails_after_it_served_again_waits_as_for_the_first_time() {
    let mut now = Instant::now();
    let mut circuit = in_an_outage(5, &mut now);
    let watch = circuit.watch(now).unwrap();
    circuit.seen(watch, false);
    now += Duration::from_secs(1);
    circuit.seen(watch, true);
    for expected_s in [1, 2, 4] {
        now += circuit.opens_for(now).unwrap();
        assert!(call(&mut circuit, Verdict::Failing, now));
        let wait = circuit.opens_for(now);
        assert_eq!(wait, Some(Duration::from_secs(expected_s)));
    }
}

#[test]
fn a_trial_that_began_in_the_outage_and_fails_after_it_does_not_hide_its_end() {
    let mut now = Instant::now();
    let mut circuit = in_an_outage(3, &mut now);
    let watch = circuit.watch(now).unwrap();
    circuit.seen(watch, false);
    now += circuit.opens_for(now).unwrap();
    let trial = circuit.admit(now).unwrap();
    // Nobody looks meanwhile, and what was under way is of no account.
    assert_eq!(circuit.seen(watch, true), None);
    now += Duration::from_secs(2);
    circuit.settle(trial, Verdict::Failing, now);
    let watch = circuit.watch(now).unwrap();
    assert_eq!(circuit.seen(watch, true), Some(News::Back));
    assert_eq!(circuit.opens_for(now), Some(Duration::from_secs(1)));
}

/// Walks every sequence of seven steps over small breakers, and checks what
/// must hold in each state reached.
#[test]
fn no_sequence_of_calls_breaks_the_rules() {
    for failures in [1, 2] {
        assert!(walk(failures) > 0, "none was opened again after a trial");
    }
}

/// Walks a breaker that so many failures in a row open; answers how often a
/// trial opened it again.
fn walk(failures: u32) -> u32 {
    const STEPS: usize = 7;
    const CHOICES: usize = 7;
    let mut reopened = 0;
    let policy = Policy::resolve(&[&PolicyConfig {
        breaker_consecutive_failures: Some(failures),
        breaker_minimum_calls: Some(4),
        ..PolicyConfig::default()
    }]);
    let start = Instant::now();
    for code in 0..CHOICES.pow(u32::try_from(STEPS).unwrap()) {
        let mut circuit = Circuit::new(&policy, start);
        let mut now = start;
        let mut held = Vec::new();
        let mut rest = code;
        for _ in 0..STEPS {
            let before = circuit.state();
            match rest % CHOICES {
                0 => match circuit.admit(now) {
                    Ok(ticket) => held.push(ticket),
                    Err(wait) => assert!(wait > Duration::ZERO && wait <= Duration::from_secs(60)),
                },
                // Longer than the first wait, shorter than the second.
                1 => now += Duration::from_millis(1_100),
                look @ (5 | 6) => {
                    let until = circuit.opens_for(now);
                    if let Some(watch) = circuit.watch(now) {
                        circuit.seen(watch, look == 6);
                        // A look is no call: it shortens a wait at most.
                        assert!(circuit.opens_for(now) <= until);
                        assert_eq!(circuit.state(), CircuitState::Open);
                    }
                }
                choice => {
                    if !held.is_empty() {
                        let verdict = [Verdict::Healthy, Verdict::Failing, Verdict::Unclear];
                        circuit.settle(held.remove(0), verdict[choice - 2], now);
                    }
                }
            }
            check_step(&circuit, before, now);
            let states = (before, circuit.state());
            reopened += u32::from(states == (CircuitState::HalfOpen, CircuitState::Open));
            rest /= CHOICES;
        }
        // Nothing is stuck: once idle, a minute and two successes close it.
        for ticket in held {
            circuit.settle(ticket, Verdict::Unclear, now);
        }
        now += Duration::from_secs(60);
        for _ in 0..2 {
            assert!(call(&mut circuit, Verdict::Healthy, now));
        }
        assert_eq!(circuit.state(), CircuitState::Closed);
    }
    reopened
}

fn check_step(circuit: &Circuit, before: CircuitState, now: Instant) {
    let after = circuit.state();
    let legal = match (before, after) {
        (CircuitState::Closed, CircuitState::HalfOpen)
        | (CircuitState::Open, CircuitState::Closed) => false,
        (_, _) => true,
    };
    assert!(legal, "{before:?} became {after:?}");
    if let Phase::HalfOpen {
        in_flight,
        successes,
    } = circuit.phase
    {
        assert!(in_flight <= 2 && successes < 2);
    }
    if let Some(wait) = circuit.opens_for(now) {
        assert!(wait <= Duration::from_secs(60));
    }
}

proptest! {
    /// However its health comes and goes, a target that is down is called once
    /// a second at most, as after its very first failures.
    #[test]
    fn a_target_that_comes_and_goes_is_met_with_a_call_a_second(
        steps in proptest::collection::vec((1_u64..500, 0_u8..3), 1..300),
    ) {
        let start = Instant::now();
        let (mut now, mut circuit) = (start, opened(start));
        let mut got_through = 0_u64;
        for (gap, look) in steps {
            now += Duration::from_millis(gap);
            if let (Some(watch), 1..) = (circuit.watch(now), look) {
                circuit.seen(watch, look == 1);
            }
            got_through += u64::from(call(&mut circuit, Verdict::Failing, now));
        }
        prop_assert!(got_through <= (now - start).as_secs(), "{got_through}");
    }

    /// While the target answers, nothing opens the breaker; while it is down,
    /// few calls get through.
    #[test]
    fn an_outage_is_met_with_few_calls(gaps_ms in proptest::collection::vec(1_u64..500, 1..300)) {
        let start = Instant::now();
        let mut now = start;
        let mut circuit = circuit(now);
        for gap in &gaps_ms {
            now += Duration::from_millis(*gap);
            prop_assert!(call(&mut circuit, Verdict::Healthy, now));
        }
        let down_since = now;
        let mut got_through = 0_u32;
        for gap in &gaps_ms {
            now += Duration::from_millis(*gap);
            got_through += u32::from(call(&mut circuit, Verdict::Failing, now));
        }
        // Five open it; then one each time the doubling wait is over.
        let outage_s = (now - down_since).as_secs();
        let trials = 64 - (outage_s + 1).leading_zeros() + u32::try_from(outage_s / 60).unwrap();
        prop_assert!(got_through <= 5 + trials, "{got_through} in {outage_s} s");
    }
}

/// Validation refuses such rules; should any come in another way, the time that
/// it stays open is the shortest, and nothing ends.
#[test]
fn rules_whose_longest_time_is_the_shorter_one_end_nothing() {
    let mut now = Instant::now();
    let mut policy = Policy::resolve(&[&PolicyConfig::default()]);
    policy.breaker_open_min = Duration::from_secs(90);
    let mut circuit = opened(now);
    circuit.change_rules(&policy, now);
    now += Duration::from_secs(1);
    call(&mut circuit, Verdict::Failing, now);
    assert_eq!(circuit.opens_for(now), Some(Duration::from_secs(90)));
}
