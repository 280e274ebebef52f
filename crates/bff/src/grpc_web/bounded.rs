//! An answer that ends by its deadline, whatever the backend does.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame};
use tokio::time::{Instant, Sleep};

/// Passes frames on until the deadline; then trailers of its own end the
/// answer, and the backend's body is dropped, which cancels the call. gRPC
/// servers watch over the time to their headers, not all over a stream's.
pub(super) struct Bounded<B> {
    body: Option<B>,
    deadline: Pin<Box<Sleep>>,
    trailers: HeaderMap,
}

impl<B> Bounded<B> {
    /// `trailers` are what the answer ends with at `deadline`.
    pub(super) fn new(body: B, deadline: Instant, trailers: HeaderMap) -> Self {
        Self {
            body: Some(body),
            deadline: Box::pin(tokio::time::sleep_until(deadline)),
            trailers,
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Bounded<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        // First, or a backend that always has more would never be cut.
        if this.deadline.as_mut().poll(context).is_pending() {
            let polled = Pin::new(body).poll_frame(context);
            let is_last = match &polled {
                Poll::Ready(Some(Ok(frame))) => frame.is_trailers(),
                Poll::Ready(_) => true,
                Poll::Pending => false,
            };
            // The deadline has no more to say: an answer ends once.
            if is_last {
                this.body = None;
            }
            return polled;
        }
        this.body = None;
        let trailers = std::mem::take(&mut this.trailers);
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }
}
