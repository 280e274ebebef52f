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

/// Walks every sequence of nine steps over a small breaker, and checks what
/// must hold in each state reached.
#[test]
fn no_sequence_of_calls_breaks_the_rules() {
    const STEPS: usize = 9;
    const CHOICES: usize = 5;
    let policy = Policy::resolve(&[&PolicyConfig {
        breaker_consecutive_failures: Some(2),
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
                1 => now += Duration::from_millis(700),
                choice => {
                    if !held.is_empty() {
                        let verdict = [Verdict::Healthy, Verdict::Failing, Verdict::Unclear];
                        circuit.settle(held.remove(0), verdict[choice - 2], now);
                    }
                }
            }
            check_step(&circuit, before, now);
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
        assert!(in_flight + successes <= 2);
    }
    if let Some(wait) = circuit.opens_for(now) {
        assert!(wait <= Duration::from_secs(60));
    }
}

proptest! {
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
