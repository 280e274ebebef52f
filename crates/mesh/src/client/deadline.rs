//! No call outlives the patience of whoever waits for it.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use http::Response;
use tokio::{
    task::unconstrained,
    time::{Instant, Sleep, sleep_until},
};
use tonic::{Status, body::Body};

use super::Call;
use crate::{
    body::{BodyWatch, OnCut, watch},
    context,
    hop::{Failure, Hop},
    timeout,
};

/// Settles the deadline of a call and ends the call there.
///
/// The deadline is the earlier of the served call's own and, for this call,
/// the first of: a [`Deadline`](crate::Deadline) extension, a `grpc-timeout`
/// set by the caller, what the method declares, the target's default.
pub(crate) struct Deadline<H> {
    inner: H,
}

impl<H> Deadline<H> {
    pub(crate) fn new(inner: H) -> Self {
        Self { inner }
    }
}

fn settle(call: &Call) -> Result<Option<Instant>, Status> {
    let own = match call.head.extensions.get::<context::Deadline>() {
        Some(deadline) => Some(deadline.0),
        None => timeout::read(&call.head.headers)
            .map_err(|malformed| Status::invalid_argument(malformed.to_string()))?
            .or(call.method.deadline)
            // A timeout beyond what the clock can count is none.
            .and_then(|timeout| call.at.checked_add(timeout)),
    };
    let inherited = call.context.as_ref().and_then(|c| c.deadline());
    Ok(match (own, inherited) {
        (Some(own), Some(inherited)) => Some(own.min(inherited)),
        (own, inherited) => own.or(inherited),
    })
}

fn exceeded() -> Status {
    Status::deadline_exceeded("the deadline passed before the answer came")
}

impl<H: Hop<Call, Answer = Response<Body>, Failure = Failure>> Hop<Call> for Deadline<H> {
    type Answer = Response<Body>;
    type Failure = Failure;

    async fn call(&self, mut call: Call) -> Result<Response<Body>, Failure> {
        let Some(deadline) = settle(&call).map_err(Failure::refused)? else {
            return self.inner.call(call).await;
        };
        call.deadline = Some(deadline);
        // Nobody below reads them, and every attempt would copy them.
        call.head.extensions.clear();
        let is_unary = call.method.is_unary();
        // Pinned here, since moving it costs as much as a layer.
        let answering = pin!(self.inner.call(call));
        let answered = before(deadline, answering).await;
        let response = answered.ok_or_else(|| Failure::sent(exceeded()))??;
        if is_unary {
            // Its body has arrived already.
            return Ok(response);
        }
        let until = Until(Box::pin(sleep_until(deadline)));
        Ok(response.map(|body| watch(body, until, OnCut::Trailers)))
    }
}

/// As `timeout_at`, but for a clock that is set only if there is something to
/// wait for: a target in this process may answer at once.
async fn before<F: Future>(deadline: Instant, mut answering: Pin<&mut F>) -> Option<F::Output> {
    let mut alarm = pin!(None);
    poll_fn(|cx| {
        if let Poll::Ready(answered) = answering.as_mut().poll(cx) {
            return Poll::Ready(Some(answered));
        }
        if alarm.is_none() {
            alarm.set(Some(sleep_until(deadline)));
        }
        let Some(alarm) = alarm.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        // Whatever its budget: a call that uses up all of it has to end as well.
        pin!(unconstrained(alarm)).poll(cx).map(|()| None)
    })
    .await
}

struct Until(Pin<Box<Sleep>>);

impl BodyWatch for Until {
    fn cut(&mut self) -> Option<Status> {
        (Instant::now() >= self.0.deadline()).then(exceeded)
    }

    fn poll_cut(&mut self, cx: &mut Context<'_>) -> Poll<Status> {
        self.0.as_mut().poll(cx).map(|()| exceeded())
    }
}
