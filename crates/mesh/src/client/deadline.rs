//! No call outlives the patience of whoever waits for it.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
};

use http::Response;
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};
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
        let response = timeout_at(deadline, answering)
            .await
            .map_err(|_| Failure::sent(exceeded()))??;
        if is_unary {
            // Its body has arrived already.
            return Ok(response);
        }
        let until = Until(Box::pin(sleep_until(deadline)));
        Ok(response.map(|body| watch(body, until, OnCut::Trailers)))
    }
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
