//! The circuit breaker's rules. Pure: time is passed in.

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::Verdict;
use crate::{config::Policy, window::Window};

/// Where the breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CircuitState {
    /// Calls pass.
    Closed,
    /// Calls are refused.
    Open,
    /// A few calls pass to find out whether the target is back.
    HalfOpen,
}

/// Leave to make one call. Redeemed by [`Circuit::settle`], exactly once.
#[derive(Debug)]
pub(crate) struct Ticket {
    // Calls admitted before a change of state are not evidence after it.
    epoch: u64,
}

/// Leave to tell what was seen of the target while it is not called, for as
/// long as that lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Watch {
    epoch: u64,
}

/// What is new in what was seen of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// It does not serve.
    Away,
    /// It serves again: the wait is over.
    Back,
}

/// Counts failures; opens; lets a few calls through to see; closes.
///
/// It opens after a run of failures, or once the window holds enough calls
/// and too large a share of them failed. Each time it opens without having
/// closed in between it stays open twice as long, up to the most; but no
/// longer once the target was seen to be away and then to serve (ADR 34).
#[derive(Debug)]
pub(crate) struct Circuit {
    rules: Rules,
    phase: Phase,
    epoch: u64,
    next_open: Duration,
    // It was seen not to serve, and not to serve again since.
    was_away: bool,
}

#[derive(Debug)]
struct Rules {
    consecutive_failures: u32,
    failure_percent: u32,
    minimum_calls: u32,
    window: Duration,
    open_min: Duration,
    open_max: Duration,
    successes_to_close: u32,
}

impl Rules {
    fn new(policy: &Policy) -> Self {
        Self {
            consecutive_failures: policy.breaker_consecutive_failures,
            failure_percent: policy.breaker_failure_percent,
            minimum_calls: policy.breaker_minimum_calls,
            window: policy.breaker_window,
            open_min: policy.breaker_open_min,
            // Validation sees to that; a breaker must not end its process.
            open_max: policy.breaker_open_max.max(policy.breaker_open_min),
            successes_to_close: policy.breaker_successes_to_close,
        }
    }
}

#[derive(Debug)]
enum Phase {
    Closed { run: u32, window: Window },
    Open { since: Instant, until: Instant },
    HalfOpen { in_flight: u32, successes: u32 },
}

impl Circuit {
    pub(crate) fn new(policy: &Policy, now: Instant) -> Self {
        let rules = Rules::new(policy);
        Self {
            phase: Phase::Closed {
                run: 0,
                window: Window::new(rules.window, now),
            },
            epoch: 0,
            next_open: rules.open_min,
            was_away: false,
            rules,
        }
    }

    /// Other rules from now on. What was counted under the old ones stays, as
    /// long as the window keeps its length.
    pub(crate) fn change_rules(&mut self, policy: &Policy, now: Instant) {
        let rules = Rules::new(policy);
        if rules.window != self.rules.window
            && let Phase::Closed { window, .. } = &mut self.phase
        {
            *window = Window::new(rules.window, now);
        }
        self.next_open = self.next_open.clamp(rules.open_min, rules.open_max);
        self.rules = rules;
    }

    /// Asks to make a call; `Err` holds the time until asking makes sense.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<Ticket, Duration> {
        if let Phase::Open { until, .. } = self.phase {
            if now < until {
                return Err(until - now);
            }
            self.enter(Phase::HalfOpen {
                in_flight: 0,
                successes: 0,
            });
        }
        if let Phase::HalfOpen { in_flight, .. } = &mut self.phase {
            // No more calls at a time than could close it: a target that is
            // coming back is not met by everything that waited for it. Those
            // that succeeded do not count, or one that takes long, as a poll
            // for work does, would keep all others out meanwhile.
            if *in_flight >= self.rules.successes_to_close {
                return Err(self.rules.open_min);
            }
            *in_flight += 1;
        }
        Ok(Ticket { epoch: self.epoch })
    }

    /// Takes a ticket back with what was learned.
    #[expect(clippy::needless_pass_by_value, reason = "a ticket is used up")]
    pub(crate) fn settle(&mut self, ticket: Ticket, verdict: Verdict, now: Instant) {
        if ticket.epoch != self.epoch {
            return;
        }
        match &mut self.phase {
            Phase::Closed { run, window } => {
                match verdict {
                    Verdict::Unclear => return,
                    Verdict::Healthy => *run = 0,
                    Verdict::Failing => *run += 1,
                }
                window.record(verdict == Verdict::Failing, now);
                let (calls, failures) = window.totals(now);
                let share_reached = failures * 100 >= calls * u64::from(self.rules.failure_percent);
                let enough = calls >= u64::from(self.rules.minimum_calls);
                let in_a_row = *run >= self.rules.consecutive_failures;
                if verdict == Verdict::Failing && (in_a_row || (enough && share_reached)) {
                    self.open(now);
                }
            }
            Phase::HalfOpen {
                in_flight,
                successes,
            } => {
                *in_flight = in_flight.saturating_sub(1);
                match verdict {
                    Verdict::Unclear => {}
                    Verdict::Failing => self.open(now),
                    Verdict::Healthy => {
                        *successes += 1;
                        if *successes >= self.rules.successes_to_close {
                            self.close(now);
                        }
                    }
                }
            }
            // Entering a phase begins an epoch, and an open one admits nobody.
            Phase::Open { .. } => {}
        }
    }

    /// Where it stands; open also once it would admit the next call.
    pub(crate) fn state(&self) -> CircuitState {
        match self.phase {
            Phase::Closed { .. } => CircuitState::Closed,
            Phase::Open { .. } => CircuitState::Open,
            Phase::HalfOpen { .. } => CircuitState::HalfOpen,
        }
    }

    /// What is left of the time it stays open.
    pub(crate) fn opens_for(&self, now: Instant) -> Option<Duration> {
        match self.phase {
            Phase::Open { until, .. } => Some(until.saturating_duration_since(now)),
            _ => None,
        }
    }

    /// Leave to look at the target while nobody else does: as long as calls
    /// are refused, and not only until the next one.
    pub(crate) fn watch(&self, now: Instant) -> Option<Watch> {
        let refuses = matches!(self.phase, Phase::Open { until, .. } if now < until);
        refuses.then_some(Watch { epoch: self.epoch })
    }

    /// Notes whether the target was seen to serve; answers what is new in that.
    ///
    /// That it serves ends the wait only where it was seen not to before: a
    /// target that fails its calls and says all along that it serves waits its
    /// time. And nothing ends the shortest wait there is, so that a target which
    /// comes and goes is called no more often than one that fails for the first
    /// time.
    pub(crate) fn seen(&mut self, watch: Watch, serves: bool) -> Option<News> {
        let Phase::Open { since, until } = &mut self.phase else {
            return None;
        };
        if watch.epoch != self.epoch {
            return None;
        }
        let was_away = std::mem::replace(&mut self.was_away, !serves);
        match (was_away, serves) {
            (false, false) => Some(News::Away),
            (true, true) => {
                *until = (*until).min(*since + self.rules.open_min);
                // Should it fail again, that is another outage.
                self.next_open = self.rules.open_min;
                Some(News::Back)
            }
            _ => None,
        }
    }

    fn open(&mut self, now: Instant) {
        let until = now + self.next_open;
        self.next_open = (self.next_open * 2).min(self.rules.open_max);
        self.enter(Phase::Open { since: now, until });
    }

    fn close(&mut self, now: Instant) {
        self.next_open = self.rules.open_min;
        self.was_away = false;
        self.enter(Phase::Closed {
            run: 0,
            window: Window::new(self.rules.window, now),
        });
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.epoch += 1;
    }
}

#[cfg(test)]
#[path = "circuit_tests.rs"]
mod tests;
