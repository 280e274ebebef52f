//! A handler that panics answers INTERNAL and takes nobody with it.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::FutureExt;
use http_body::{Frame, SizeHint};
use tonic::{Status, body::Body};

use super::{Answer, Inbound};
use crate::hop::Hop;

/// Catches panics of the handler and of the stream it answers with.
///
/// Unwind safety: everything the panic may have left half done belongs to
/// this one call and is dropped with it; what calls share is behind locks
/// that tell their next holder.
pub(crate) struct CatchPanic<H> {
    inner: H,
}

impl<H> CatchPanic<H> {
    pub(crate) fn new(inner: H) -> Self {
        Self { inner }
    }
}

impl<H: Hop<Inbound, Answer = Answer, Failure = Status>> Hop<Inbound> for CatchPanic<H> {
    type Answer = Answer;
    type Failure = Status;

    async fn call(&self, inbound: Inbound) -> Result<Answer, Status> {
        let is_unary = inbound.is_unary();
        let call = pin!(self.inner.call(inbound));
        let caught = AssertUnwindSafe(call).catch_unwind().await;
        let mut answer = caught.unwrap_or_else(|panic| Err(internal(&*panic)))?;
        if is_unary {
            // Its handler is done: no code of the service runs any more.
            return Ok(answer);
        }
        answer.response = answer.response.map(|body| Body::new(Catching(body)));
        Ok(answer)
    }
}

/// The log has the panic's own words; the caller gets none of them.
fn internal(panic: &(dyn Any + Send)) -> Status {
    let words = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(
        panic = words.unwrap_or("without a message"),
        "a handler panicked"
    );
    metrics::counter!("mesh_server_panics_total").increment(1);
    Status::internal("internal error")
}

/// Breaks off with an error where the stream panics.
struct Catching(Body);

impl http_body::Body for Catching {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let body = &mut self.0;
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(body).poll_frame(cx)));
        polled.unwrap_or_else(|panic| Poll::Ready(Some(Err(internal(&*panic)))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
