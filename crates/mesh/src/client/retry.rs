//! Tries again what can be tried again.

use std::{sync::Arc, time::Duration};

use http::Response;
use tokio::time::{Instant, sleep, timeout_at};
use tonic::{Code, body::Body};

use super::{Budgets, Call, Edge, Spare};
use crate::{
    body::Content,
    config::Policy,
    decisions::{DecisionKind, Decisions},
    hop::{Failure, Hop, Reach, waited},
    policy::MethodRules,
    status::{Pushback, code_name, pushback},
};

/// How much sooner than we do whoever was called may stop at our deadline.
const SOONER: Duration = Duration::from_millis(50);

/// Retries UNAVAILABLE alone, and only what is idempotent or never reached
/// anybody; within the budget, the deadline and what the server asks for.
///
/// A streamed answer may be retried until it begins; a streamed request never.
pub(crate) struct Retry<H> {
    edge: Edge,
    budgets: Arc<Budgets>,
    decisions: Decisions,
    inner: H,
}

impl<H> Retry<H> {
    pub(crate) fn new(edge: Edge, budgets: Arc<Budgets>, decisions: Decisions, inner: H) -> Self {
        Self {
            edge,
            budgets,
            decisions,
            inner,
        }
    }

    /// How long to wait before trying again; `None` leaves it at this failure.
    fn wait_before_next(&self, failure: &Failure, call: &Attempts<'_>) -> Option<Duration> {
        let safe = failure.reach != Reach::Sent || call.idempotent;
        if call.made >= call.most || !safe {
            return None;
        }
        let wait = match pushback(&failure.status) {
            Pushback::Never => return None,
            Pushback::Silent => call.backoff.before(call.made),
            Pushback::After(asked) => asked.max(call.backoff.before(call.made)),
        };
        // Waiting past the deadline would turn a clear refusal into a timeout.
        let in_time = call
            .deadline
            .is_none_or(|deadline| Instant::now() + wait < deadline);
        let granted = in_time && self.budgets.retry(Instant::now());
        if granted {
            metrics::counter!("mesh_client_retries_total",
                "source" => self.edge.source.to_string(),
                "target" => self.edge.target.to_string())
            .increment(1);
            let path = call.path;
            let code = code_name(failure.status.code());
            let detail = format!("{path} after {code}, attempt {}", call.made);
            self.decisions
                .note(&self.edge.target, DecisionKind::Retry, detail);
            tracing::debug!(
                path,
                attempt = call.made,
                status = %failure.status,
                ?wait,
                "trying again"
            );
        }
        granted.then_some(wait)
    }
}

/// A call's attempts so far.
struct Attempts<'a> {
    path: &'a str,
    made: u32,
    most: u32,
    idempotent: bool,
    backoff: Backoff,
    deadline: Option<Instant>,
}

impl<H: Hop<Call, Answer = Response<Body>, Failure = Failure>> Retry<H> {
    /// Tries again, at most until the deadline; `None` where that came first.
    async fn in_time(&self, attempt: Call) -> Option<Result<Response<Body>, Failure>> {
        let deadline = attempt.deadline;
        let trying = self.inner.call(attempt);
        let Some(deadline) = deadline else {
            return Some(trying.await);
        };
        let outcome = timeout_at(deadline, trying).await.ok()?;
        // With time left it is the called one's own bound that was reached.
        let is_late = |failure: &Failure| {
            failure.status.code() == Code::DeadlineExceeded && Instant::now() + SOONER >= deadline
        };
        if outcome.as_ref().is_err_and(is_late) {
            return None;
        }
        Some(outcome)
    }
}

impl<H: Hop<Call, Answer = Response<Body>, Failure = Failure>> Hop<Call> for Retry<H> {
    type Answer = Response<Body>;
    type Failure = Failure;

    async fn call(&self, mut call: Call) -> Result<Response<Body>, Failure> {
        self.budgets.deposit(call.at);
        if !call.method.is_replayable() {
            return self.inner.call(call).await;
        }
        let content = std::mem::take(&mut call.body);
        let (held, has_waited) = waited(content.hold()).await;
        let held = held.map_err(Failure::refused)?;
        if has_waited {
            call.at = Instant::now();
        }
        call.body = Content::Held(held.clone());
        let mut spare = Spare::of(&call, held);
        let mut made = 0;
        let mut before: Option<Failure> = None;
        loop {
            let outcome = match before.take() {
                // An attempt that the deadline ends leaves the call with what
                // the one before came to: trying again to spare the caller a
                // clear refusal must not turn it into a timeout. Where it does
                // matter whether this one was carried out, nobody knows.
                Some(refused) if spare.method.is_idempotent() => {
                    match Box::pin(self.in_time(call)).await {
                        Some(outcome) => outcome,
                        None => {
                            tracing::Span::current().record("attempts", made + 1);
                            give_up(&refused, &spare.context, true);
                            return Err(refused);
                        }
                    }
                }
                _ => self.inner.call(call).await,
            };
            let failure = match outcome {
                Ok(response) => {
                    if made > 0 {
                        tracing::Span::current().record("attempts", made + 1);
                    }
                    return Ok(response);
                }
                Err(failure) => failure,
            };
            made += 1;
            spare.avoid = failure.endpoint;
            spare.previous_attempts = made;
            // A refusal of our own layers stands: trying again would defeat it.
            let ours = matches!(failure.reach, Reach::Refused | Reach::Broken);
            let retryable = failure.status.code() == Code::Unavailable && !ours;
            let attempts = Attempts {
                path: spare.path(),
                made,
                most: spare.method.attempts,
                idempotent: spare.method.is_idempotent(),
                backoff: spare.method.backoff,
                deadline: spare.deadline,
            };
            let wait = retryable.then(|| self.wait_before_next(&failure, &attempts));
            let Some(wait) = wait.flatten() else {
                tracing::Span::current().record("attempts", made);
                give_up(&failure, &spare.context, attempts.idempotent);
                return Err(failure);
            };
            sleep(wait).await;
            call = spare.call();
            before = Some(failure);
        }
    }
}

/// Tells the layer above, by way of the served call's answer, that retrying
/// was done here, lest three attempts at each of three layers make 27.
fn give_up(failure: &Failure, context: &Option<crate::CallContext>, idempotent: bool) {
    let was_tried = idempotent || failure.reach != Reach::Sent;
    if failure.status.code() == Code::Unavailable
        && was_tried
        && let Some(context) = context
    {
        context.note_retried_below();
    }
}

/// Doubling waits, each ±20 %, so that callers that failed together do not
/// come back together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    min: Duration,
    max: Duration,
}

impl Backoff {
    /// The method's own word first, then the target's.
    pub(crate) fn of(policy: &Policy, rules: &MethodRules) -> Self {
        let min = rules.initial_backoff.unwrap_or(policy.retry_backoff_min);
        let max = rules.max_backoff.unwrap_or(policy.retry_backoff_max);
        Self {
            min,
            max: max.max(min),
        }
    }

    fn before(self, made: u32) -> Duration {
        let doubled = self.min.saturating_mul(1 << (made.clamp(1, 16) - 1));
        doubled.min(self.max).mul_f64(rand::random_range(0.8..=1.2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_25_to_250_ms_with_a_fifth_of_jitter() {
        let backoff = Backoff {
            min: Duration::from_millis(25),
            max: Duration::from_millis(250),
        };
        for (made, expected_ms) in [(1, 25.0), (2, 50.0), (3, 100.0), (5, 250.0), (40, 250.0)] {
            let waits: Vec<f64> = (0..200)
                .map(|_| backoff.before(made).as_secs_f64() * 1_000.0)
                .collect();
            assert!(
                waits
                    .iter()
                    .all(|ms| (0.799..=1.201).contains(&(ms / expected_ms)))
            );
            // Jitter that is always the same is none.
            assert!(waits.iter().any(|ms| (ms / waits[0] - 1.0).abs() > 0.01));
        }
    }
}
