//! A body with somebody watching it go by.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use tonic::{Code, Status, body::Body};

use super::Source;

/// Watches one body. Dropping the watch is the sign that the body is over,
/// whether it was read to its end or abandoned.
pub(crate) trait BodyWatch: Send + Unpin + 'static {
    /// Asked before the body is polled; a status ends the body there.
    fn cut(&mut self) -> Option<Status> {
        None
    }

    /// Asked again when the body has nothing yet, and woken then when it is
    /// to end. Apart from [`BodyWatch::cut`], since most bodies are there
    /// whole, and setting an alarm costs more than looking at the clock.
    fn poll_cut(&mut self, _cx: &mut Context<'_>) -> Poll<Status> {
        Poll::Pending
    }

    /// Sees each frame; an error ends the body in place of the frame.
    fn frame(&mut self, _frame: &mut Frame<Bytes>) -> Result<(), Status> {
        Ok(())
    }

    /// The body broke off with an error instead of ending.
    fn broke(&mut self, _status: &Status) {}
}

/// Somebody, or nobody.
impl<W: BodyWatch> BodyWatch for Option<W> {
    fn cut(&mut self) -> Option<Status> {
        self.as_mut().and_then(BodyWatch::cut)
    }

    fn poll_cut(&mut self, cx: &mut Context<'_>) -> Poll<Status> {
        match self {
            Some(watch) => watch.poll_cut(cx),
            None => Poll::Pending,
        }
    }

    fn frame(&mut self, frame: &mut Frame<Bytes>) -> Result<(), Status> {
        match self {
            Some(watch) => watch.frame(frame),
            None => Ok(()),
        }
    }

    fn broke(&mut self, status: &Status) {
        if let Some(watch) = self {
            watch.broke(status);
        }
    }
}

/// How a watched body ends when it is cut short or breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnCut {
    /// As a response does: by trailers that carry the status. A body error
    /// would reset the HTTP/2 stream and lose code and message on the way.
    Trailers,
    /// As a request does, which has no status to carry: by an error to its reader.
    Error,
}

/// Watch and source are dropped the moment the body is over: its reader may
/// keep the rest for long, and neither a permit nor a clock may wait for that.
pub(crate) struct Watched<W, B = Body> {
    rest: Option<(B, W)>,
    on_cut: OnCut,
}

/// Puts `watch` on `body`.
pub(crate) fn watch<W: BodyWatch>(body: impl Source, watch: W, on_cut: OnCut) -> Body {
    Body::new(Watched::new(body, watch, on_cut))
}

/// What becomes of a body after a poll.
enum Next {
    GoesOn(Frame<Bytes>),
    Ends(Option<Frame<Bytes>>),
    Breaks(Status),
}

impl<W: BodyWatch, B: Source> Watched<W, B> {
    /// For whoever reads it to its end at once.
    pub(crate) fn new(body: B, watch: W, on_cut: OnCut) -> Self {
        Self {
            rest: Some((body, watch)),
            on_cut,
        }
    }

    /// Ends the body when its watch says so, for whoever has a frame of it that
    /// cannot be passed on. With trailers, or with the error for its reader.
    pub(crate) fn poll_cut(&mut self, cx: &mut Context<'_>) -> Poll<Result<HeaderMap, Status>> {
        let Some((_, watch)) = &mut self.rest else {
            return Poll::Pending;
        };
        let status = ready!(watch.poll_cut(cx));
        Poll::Ready(self.end(status))
    }

    fn end(&mut self, status: Status) -> Result<HeaderMap, Status> {
        if let Some((_, mut watch)) = self.rest.take() {
            watch.broke(&status);
        }
        match self.on_cut {
            OnCut::Error => Err(no_good_end(status)),
            OnCut::Trailers => status_trailers(&status),
        }
    }
}

fn poll_next<W: BodyWatch>(
    body: &mut impl Source,
    watch: &mut W,
    cx: &mut Context<'_>,
) -> Poll<Next> {
    if let Some(status) = watch.cut() {
        return Poll::Ready(Next::Breaks(status));
    }
    let polled = match Pin::new(body).poll_frame(cx) {
        Poll::Pending => return watch.poll_cut(cx).map(Next::Breaks),
        Poll::Ready(None) => return Poll::Ready(Next::Ends(None)),
        Poll::Ready(Some(polled)) => polled,
    };
    let seen = polled.and_then(|mut frame| watch.frame(&mut frame).map(|()| frame));
    Poll::Ready(match seen {
        Ok(frame) if frame.is_trailers() => Next::Ends(Some(frame)),
        Ok(frame) => Next::GoesOn(frame),
        Err(status) => Next::Breaks(status),
    })
}

/// tonic takes a request that was CANCELLED for one that ended well, so that
/// whoever collects a stream would keep half of it as the whole.
fn no_good_end(status: Status) -> Status {
    match status.code() {
        Code::Cancelled => Status::aborted("the caller went away before the end"),
        _ => status,
    }
}

/// A status as the trailers that end a response.
fn status_trailers(status: &Status) -> Result<HeaderMap, Status> {
    let mut trailers = HeaderMap::new();
    status.add_header(&mut trailers)?;
    Ok(trailers)
}

impl<W: BodyWatch, B: Source> http_body::Body for Watched<W, B> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some((body, watch)) = &mut self.rest else {
            return Poll::Ready(None);
        };
        let frame = match ready!(poll_next(body, watch, cx)) {
            Next::GoesOn(frame) => Some(Ok(frame)),
            Next::Ends(frame) => {
                self.rest = None;
                frame.map(Ok)
            }
            Next::Breaks(status) => Some(self.end(status).map(Frame::trailers)),
        };
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.rest
            .as_ref()
            .is_none_or(|(body, _)| body.is_end_stream())
    }

    // A promised length would make a cut body a protocol error.
    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    struct CutAfterOne(bool);

    impl BodyWatch for CutAfterOne {
        fn cut(&mut self) -> Option<Status> {
            self.0.then(|| Status::deadline_exceeded("late"))
        }

        fn frame(&mut self, _frame: &mut Frame<Bytes>) -> Result<(), Status> {
            self.0 = true;
            Ok(())
        }
    }

    fn endless() -> Body {
        let frames =
            futures::stream::repeat_with(|| Ok::<_, Status>(Frame::data(Bytes::from_static(b"x"))));
        Body::new(http_body_util::StreamBody::new(frames))
    }

    #[tokio::test]
    async fn a_cut_response_ends_in_trailers() {
        let body = watch(endless(), CutAfterOne(false), OnCut::Trailers);
        let collected = body.collect().await.unwrap();
        assert_eq!(collected.trailers().unwrap()["grpc-status"], "4");
        assert_eq!(collected.to_bytes(), "x");
    }

    #[tokio::test]
    async fn the_watch_is_let_go_of_with_the_last_frame() {
        struct Sign {
            _held: std::sync::Arc<()>,
        }
        impl BodyWatch for Sign {}
        let sign = std::sync::Arc::new(());
        let trailers = futures::stream::iter([Ok::<_, Status>(Frame::trailers(HeaderMap::new()))]);
        let inner = Body::new(http_body_util::StreamBody::new(trailers));
        let held = Sign {
            _held: sign.clone(),
        };
        let mut body = watch(inner, held, OnCut::Trailers);
        body.frame().await.unwrap().unwrap();
        assert_eq!(std::sync::Arc::strong_count(&sign), 1);
        assert!(body.frame().await.is_none());
    }

    #[tokio::test]
    async fn a_cut_request_ends_in_an_error() {
        let body = watch(endless(), CutAfterOne(false), OnCut::Error);
        let status = body.collect().await.unwrap_err();
        assert_eq!(status.code(), tonic::Code::DeadlineExceeded);
    }
}
